// What pins of each category are about. All texts of this folder are our own.
extension Vocabulary {
    /// In the order of `PinCategory.allCases`.
    static let thingsByCategory: [PhraseList] = [
        art, beauty, christmas, crafts, education, events, finance, home, fashion, quotes, tattoos, travel,
        vehicles,
    ].map { PhraseList($0) }

    private static let art = """
        Watercolor Landscapes; Ink Portraits; Charcoal Sketches; Abstract Canvases; Gouache Studies
        Paper Collages; Clay Figures; Linocut Prints; Oil Paintings; Pencil Drawings; Mural Designs
        Digital Illustrations; Street Murals; Botanical Prints; Figure Drawings; Mixed Media Pages
        Sketchbook Ideas; Color Studies; Still Life Paintings; Pop Art Posters; Concept Sketches
        Texture Experiments; Mosaic Panels; Line Art
        """

    private static let beauty = """
        Braided Hairstyles; Gel Nail Designs; Everyday Makeup; Skin Care Steps; Face Masks; Lip Colors
        Curly Hair Routines; Eyeliner Shapes; Hair Colors; Bridal Makeup; Pixie Haircuts; Nail Shapes
        Perfume Notes; Brow Tutorials; Hair Oils; Sunscreen Tips; Balayage Shades; Bath Bombs
        Ponytail Styles; Lash Tips; Body Scrubs; Bob Haircuts; Glow Serums; French Manicures
        """

    private static let christmas = """
        Wreath Ideas; Tree Toppers; Gift Wraps; Advent Calendars; Gingerbread Houses; Mantel Garlands
        Paper Snowflakes; Stocking Stuffers; Cookie Recipes; Winter Centerpieces; Salt Dough Ornaments
        Farmhouse Trees; Holiday Porches; Candy Cane Crafts; Nativity Displays; Hot Cocoa Bars; Felt Elves
        Snowman Crafts; Holiday Cards; Pinecone Decorations; Light Displays; Secret Santa Gifts
        Tree Skirts; Holiday Mugs
        """

    private static let crafts = """
        Macrame Hangers; Paper Flowers; Felt Animals; Pallet Shelves; Crochet Patterns; Resin Coasters
        Candle Jars; Origami Boxes; Beaded Bracelets; Painted Rocks; Sewing Projects; Yarn Pom Poms
        Cardboard Castles; Knitted Scarves; Mason Jar Lights; Quilt Blocks; Clay Earrings; Sensory Bins
        Toddler Crafts; Tie Dye Shirts; Upcycled Denim; Stamped Cards; Embroidery Hoops; Slime Recipes
        """

    private static let education = """
        Phonics Games; Math Worksheets; Reading Corners; Science Experiments; Spelling Activities
        Classroom Posters; Lesson Plans; Flash Cards; Study Notes; Bulletin Boards; Counting Mats
        Writing Prompts; Morning Bins; Geography Quizzes; Sight Word Games; Exit Tickets
        Vocabulary Charts; Homeschool Schedules; Shape Puzzles; History Timelines; Fraction Charts
        Preschool Themes; Behavior Charts; Exam Tips
        """

    private static let events = """
        Balloon Garlands; Table Settings; Welcome Signs; Baby Shower Games; Dessert Tables
        Wedding Checklists; Party Favors; Photo Backdrops; Seating Charts; Picnic Setups; Birthday Themes
        Bouquet Ideas; Invitation Wording; Guest Books; Cake Stands; Garden Receptions; Venue Tours
        Bridal Showers; Menu Cards; Graduation Parties; Centerpiece Ideas; Brunch Buffets; Cocktail Bars
        Reception Lights
        """

    private static let finance = """
        Budget Planners; Savings Challenges; Debt Payoff Plans; Side Hustles; Passive Income Streams
        Meal Budgets; Emergency Funds; Investing Basics; Credit Score Tips; Cash Envelopes
        Retirement Plans; Money Habits; Frugal Swaps; Bill Trackers; Grocery Savings; Tax Checklists
        Net Worth Charts; Freelance Rates; No Spend Months; Coupon Tricks; Bank Accounts
        Work From Home Jobs; Index Funds; Spending Logs
        """

    private static let home = """
        Living Rooms; Gallery Walls; Kitchen Shelves; Entryway Benches; Bedroom Colors; Bathroom Tiles
        Farmhouse Sinks; Accent Walls; Coffee Tables; Reading Nooks; Open Pantries; Plant Stands
        Window Seats; Rug Layers; Ceiling Lights; Mudroom Hooks; Laundry Rooms; Headboard Designs
        Boho Curtains; Patio Sets; Fireplace Makeovers; Paint Colors; Home Offices; Mirror Frames
        """

    private static let fashion = """
        Linen Shirts; Denim Jackets; Wool Overcoats; Leather Boots; Suit Combinations; Summer Outfits
        Chino Shorts; Knit Sweaters; Street Styles; Sneaker Picks; Tie Knots; Beard Styles; Fade Haircuts
        Capsule Wardrobes; Work Outfits; Wedding Suits; Bomber Jackets; Dress Watches; Grooming Kits
        Layered Looks; Polo Shirts; Loafer Outfits; Winter Coats; Tailored Trousers
        """

    private static let quotes = """
        Morning Quotes; Strength Quotes; Friendship Lines; Love Sayings; Work Mottos; Healing Words
        Self Love Quotes; Courage Quotes; Family Sayings; Funny One Liners; Travel Quotes; Book Lines
        Mindful Words; Gratitude Notes; Birthday Wishes; Letting Go Quotes; Patience Quotes
        Motivation Lines; Sister Quotes; Heartbreak Words; Success Quotes; Wise Proverbs; Kindness Quotes
        Monday Quotes
        """

    private static let tattoos = """
        Fine Line Tattoos; Forearm Designs; Floral Sleeves; Matching Tattoos; Geometric Shapes
        Small Wrist Tattoos; Moon Tattoos; Back Pieces; Wave Tattoos; Rib Scripts; Animal Outlines
        Dotwork Mandalas; Arrow Designs; Finger Tattoos; Mountain Sleeves; Watercolor Ink; Tribal Bands
        Ankle Tattoos; Blackwork Pieces; Butterfly Designs; Rose Stencils; Lettering Tattoos
        Feather Outlines; Shoulder Pieces
        """

    private static let travel = """
        Island Itineraries; Packing Lists; Road Trips; City Breaks; Hidden Beaches; Mountain Hikes
        Budget Flights; Train Journeys; Camping Spots; Food Tours; National Parks; Weekend Escapes
        Solo Adventures; Harbor Towns; Desert Camps; Photo Spots; Travel Journals; Waterfall Walks
        Hostel Tips; Family Trips; Lake Cabins; Museum Days; Old Town Walks; Carry On Outfits
        """

    private static let vehicles = """
        Classic Pickups; Electric Hatchbacks; Camper Vans; Vintage Motorcycles; Garage Builds
        Off Road Trucks; Sports Coupes; Muscle Cars; Custom Wheels; Van Conversions; Trail Bikes
        Concept Cars; Scooter Rides; Tiny Trailers; Engine Swaps; Rally Cars; Roof Racks
        Interior Upgrades; Cafe Racers; Family Wagons; Convertible Classics; Tow Rigs; Paint Jobs
        Track Days
        """
}
