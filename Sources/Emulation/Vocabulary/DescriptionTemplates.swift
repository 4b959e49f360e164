extension Vocabulary {
    static let plainSentences = TemplateList(
        """
        These {look} {thing} are made for {place} and come together {time}.
        Looking for {look} {thing}? Start here.
        We tried {number} of the most {look} {thing} so that you do not have to.
        {thing} and {thing} belong together.
        A {look} idea for {reader}, with {thing} and plenty of room to make it your own.
        Everything you need to know about {thing} for {place}.
        Save this for later and try the {look} {thing} first.
        Perfect for {place}.
        I made {number} {thing} {time}, and this is what I would do again.
        Find and save ideas about {thing} on the board of {poster}.
        This list of {look} {thing} is for {reader}.
        From {look} to {look}: {number} {thing} worth a second look.
        There is nothing quite like {thing} for {place}.
        Learn how {thing} can be {look}, {look} and still affordable.
        Our guide to {thing} has {number} steps and takes little time.
        Get the full list of {thing} with photos, prices and a free printable.
        Discover (and save!) {look} {thing} of your own.
        Whether you like {thing} or {thing}, there is something {look} here.
        Made by hand {time}.
        Here are {number} {look} {thing} that {reader} will love.
        Not sure where to begin with {thing}? Pick one {look} detail and build on it.
        {poster} shares {look} {thing} every week.
        The best part of {thing} is that they suit {reader}.
        {number} photos of {look} {thing}, taken in {year}.
        Read on for {thing}, {thing} and a few honest mistakes.
        Each set of {thing} is different, and each one is {look}.
        """)

    static let shortDescriptions = TemplateList(
        """
        {look} {thing}
        {thing} for {place}
        {thing}
        {thing}, {year}
        {look} and {look}
        {number} {thing}
        New {thing}!
        {thing} by {poster}
        """)

    static let accentedSentences = TemplateList(
        """
        You’ll love these {look} {thing}, they’re made for {place}.
        “{look} {thing} never go out of style”, says {poster}.
        {thing} – {look} – {year}.
        It’s all about {thing} • {look} • {place}.
        Descubre {number} ideas fáciles y rápidas: {thing}.
        Découvrez nos idées préférées: {thing}.
        Простые идеи для дома и сада: {thing}.
        Schöne Ideen für {place}: {thing}.
        Uma coleção de {look} {thing}, só para você.
        Don’t miss the {look} {thing} — they won’t last.
        """)

    static let emojiSentences = TemplateList(
        """
        {look} {thing} for {place} 💛 save it for later!
        🌸 {thing} 🌸 {thing} 🌸 {number} ideas
        {thing}? Yes please 😍 made {time}.
        """)

    static let quotedSentences = TemplateList(
        """
        {poster} calls it {quote}{look} {thing}{quote} and we agree.
        A 12{quote} by 16{quote} set of {look} {thing}.
        The word {quote}{look}{quote} was made for {thing}.
        """)
}
