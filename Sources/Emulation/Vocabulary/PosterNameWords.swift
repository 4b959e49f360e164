extension Vocabulary {
    /// 64 words each: with the forms below they give every poster a name of its own.
    static let posterFirstWords = PhraseList(
        """
        Maple; Juniper; Copper; Velvet; Willow; Amber; Harbor; Saffron; Indigo; Cedar; Marble; Clover; Linen
        Hazel; Orchard; Cobalt; Ginger; Meadow; Pepper; River; Sable; Thistle; Umber; Violet; Walnut; Aspen
        Birch; Coral; Daisy; Ember; Fern; Garnet; Heather; Ivory; Jasper; Kettle; Laurel; Mossy; Nutmeg; Olive
        Pebble; Quartz; Rowan; Silver; Timber; Urban; Vanilla; Wander; Yarrow; Zephyr; Autumn; Basil; Canvas
        Dapple; Evergreen; Foxglove; Golden; Honest; Inky; Jolly; Kindred; Lively; Mellow; Noble
        """)

    static let posterSecondWords = PhraseList(
        """
        Lantern; Kitchen; Thread; Cottage; Parlor; Compass; Feather; Garden; Hollow; Journal; Ladder; Mirror
        Needle; Ocean; Pantry; Quill; Ribbon; Saddle; Table; Umbrella; Valley; Window; Anchor; Basket; Candle
        Drawer; Easel; Folder; Grove; Hearth; Island; Jacket; Kiln; Loom; Market; Nest; Oven; Palette; Quilt
        Rocket; Studio; Teapot; Uplands; Vase; Wheel; Yard; Attic; Bridge; Closet; Diary; Engine; Fable
        Gallery; Hammock; Inkwell; Jungle; Kayak; Library; Mill; Notebook; Orbit; Porch; Quarry; Road
        """)

    /// The 48 forms that names have.
    ///
    /// One ends in a blank and three hold a comma, as real names do.
    /// Each form tells its two words apart, and no two forms make the same name.
    static let posterForms = TemplateList(
        """
        {A} {B}; The {A} {B}; {A} & {B}; {A}{B}; {A} and {B}; {A}-{B}; {A} {B} Co.; {A}.{B}; {A}_{B}
        Little {A} {B}; {A} {B} Blog; My {A} {B}; {A} {B} Daily; {B} by {A}; House of {A} {B}; {A} + {B}
        {A} {B} Living; {A} {B} Design; Miss {A} {B}; {A} {B} at Home; {A} {B} & Sons; Studio {A} {B}
        {A} {B} Goods; {A} {B} | DIY, Home & Garden; {A} {B}, Inc.; Oh {A} {B}; {A} {B} Handmade; {A} the {B}
        {A} {B} Crafts; Simply {A} {B}; {A} {B} Ideas; Old {A} {B}; Two {A} {B}s; {A} {B} Club
        {B} & {A} Supply
        {A} {B} | Slow Living and Everyday Adventures for the Whole Family; Hello {A} {B}; {A} {B} Shop
        Café {A} {B}; {A} {B} Magazine{blank}; No {A} {B} Needed; {A} {B} Travels, Food & Photography
        {A} {B} Academy; {A} {B} for Kids; {A} {B} | Budget Home Decor and Easy Weekend Projects
        {A} {B} Letters; {A} {B} Weddings; {A} {B} Vintage
        """)
}
