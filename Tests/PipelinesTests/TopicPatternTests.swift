import Testing

@testable import Pipelines

@Suite struct TopicPatternTests {
    @Test(arguments: [
        ("*.pin", "12f4a3e5b9c5.pin", true),
        ("*.pin", ".pin", true),
        ("*.pin", "12f4a3e5b9c5.pins", false),
        ("*.pin", "pin", false),
        ("streaming-*-pin", "streaming-12f4-pin", true),
        ("streaming-*-pin", "streaming-pin", false),
        ("a*b*c", "aXbYc", true),
        ("a*b*c", "aXcYb", false),
        ("a*bb*b", "abbb", true),
        ("a*a", "a", false),
        ("*", "", true),
        ("plain", "plain", true),
        ("plain", "plainer", false),
        ("*é*", "caféteria", true),
    ]) func aStarStandsForAnyRun(_ pattern: String, _ topic: String, _ isMatch: Bool) {
        #expect(TopicPattern(pattern).matches(topic) == isMatch)
    }
}
