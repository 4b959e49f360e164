extension Vocabulary {
    static let plainTitles = TemplateList(
        """
        {number} {Look} {Thing} for {Place}
        {number} {Thing} You Can Finish {time}
        {Look} {Thing} and {Look} {Thing}
        {Thing} for {Place}
        How to Plan {Look} {Thing} {time}
        The {number} Most {Look} {Thing} of {year}
        {Look} {Thing}
        {Look} {Thing} That Work {time}
        Why {Thing} Are Made for {Place}
        {Thing}: A {Look} Guide for {Place}
        {number}+ {Look} {Thing} to Try in {year}
        My {Look} {Thing} ({number} Photos)
        {Thing} vs. {Thing}, Which Is Right for You?
        {Look}, {Look} {Thing}
        What I Learned From {number} {Thing}
        {Thing} We Keep Coming Back To
        Free Printable: {Look} {Thing}
        {Thing} & {Thing} {year}
        A {Look} Weekend of {Thing}
        {Look} {Thing} for {reader}
        """)

    static let titleTails = TemplateList(
        """
        {blank}| {poster}
        {blank}- {poster}
        {blank}| {Thing}
        {blank}- {Thing} for {Place}
        , {Thing} and {Thing}
        {blank}by {poster}
        {blank}(Updated {year})
        {blank}/ {Look} {Thing}
        """)

    static let accentedTitles = TemplateList(
        """
        {number} {Thing} You’ll Want {time}
        {Look} {Thing} – {Place}
        {Thing} • {Look} • {year}
        {Look} Décor: {Thing} and {Thing}
        {Thing} — A {Look} Collection
        Café Notes on {Look} {Thing}
        {number} ideias rápidas: {Thing}
        Schöne {Thing} für zu Hause
        {Thing}™ {Look} Edition {year}
        {number} идей на выходные: {Thing}
        “{Look} {Thing}” and Other Stories
        {Thing} … and Why They’re {Look}
        Petits secrets d’été: {Thing}
        Fáciles y bonitos: {Look} {Thing}
        {Look} {Thing} ✨ {Place}
        """)

    static let emojiTitles = TemplateList(
        """
        {Look} {Thing} 🎨
        🌿 {number} {Thing} for {Place}
        {Thing} 🎉 {Look} and {Look}
        {Look} {Thing} 🚐💨
        💡 {Thing} {time}
        {number} {Thing} 🧡 {Thing}
        """)

    static let quotedTitles = TemplateList(
        """
        {quote}{Look} {Thing}{quote} in {year}
        {Thing} 8{quote} x 10{quote} {Look} Set
        The {quote}{Look}{quote} Way to {Thing}
        {number} {Thing} That Say {quote}{Look}{quote}
        """)

    static let brokenTitles = TemplateList(
        """
        {Look} {Thing}{lineBreak}{Thing} for {Place}
        {number} {Thing}{lineBreak}{lineBreak}{Look} and {Look}
        {Thing}{lineBreak}
        """)

    static let paddedTitles = TemplateList(
        """
        {Look} {Thing}{blank}
        {blank}{number} {Thing} for {Place}
        {Thing} and {Look} {Thing}{blank}{blank}
        """)

    static let escapedTitles = TemplateList("{Look} {Thing} {backslash} {Thing}")
}
