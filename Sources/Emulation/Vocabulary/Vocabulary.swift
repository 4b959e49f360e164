/// The words from which titles, descriptions, tags and names are put together.
enum Vocabulary {
    static let lowercaseThingsByCategory = thingsByCategory.map(\.lowercased)

    static let looks = PhraseList(
        """
        Cozy; Modern; Rustic; Simple; Vintage; Elegant; Bold; Minimal; Budget Friendly; Handmade; Colorful
        Dreamy; Classic; Timeless; Easy; Quick; Creative; Bright; Soft; Playful; Natural; Unusual; Charming
        Trendy; Neutral; Beautiful; Unique; Affordable; Stylish; Inspiring; Quiet; Practical; Stunning
        Gorgeous; Thoughtful; Fresh; Warm; Moody; Pretty; Clever
        """)
    static let lowercaseLooks = looks.lowercased

    static let places = PhraseList(
        """
        Small Spaces; Busy Weekdays; Rainy Days; Beginners; Every Season; Large Families; Rented Homes
        Slow Mornings; Tight Budgets; Summer Nights; The Whole Year; First Timers; Picky People
        Long Weekends; Tiny Corners; Early Spring; Late Autumn; Cold Evenings; The Holidays; Real Life
        """)
    static let lowercasePlaces = places.lowercased

    static let times = PhraseList(
        """
        in one afternoon; before the weekend; in under an hour; over a quiet evening; in twenty minutes
        with what you have at hand; without leaving the house; for next to nothing; step by step
        on a rainy Sunday; at your own pace; with a little patience; in three short steps
        """)

    static let readers = PhraseList(
        """
        busy parents; curious beginners; anyone on a budget; old friends; patient makers; night owls
        teachers and students; people who like lists; careful planners; first time owners
        those who love detail; the whole family; your next guest; weekend dreamers
        """)

    /// Now and then a tag is in another language; these are the ones beyond ASCII.
    static let foreignTags = PhraseList(
        """
        Décoration Maison; Ideias Práticas; Schöne Ideen; Идеи Для Дома; Pequeños Detalles; Año Nuevo
        Süße Geschenke; Cozinha Rústica; Señales; 手作り; Интерьер; Été À La Mer
        """)
}
