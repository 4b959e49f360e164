import StreamModel
import Testing

@testable import Kinesis

@Suite struct StreamAddressTests {
    @Test(arguments: [
        ("us-east-1", "clicks", "clicks"), ("eu-west-1", "clicks", "eu-west-1.clicks"),
        ("us-gov-east-1", "a.b", "us-gov-east-1.a.b"), ("us-east-1", "a.b", "a.b"),
        ("us-east-1", "us-east-1.x", "us-east-1.x"),
    ])
    func aStreamHasATopicAndTheTopicTheStream(_ region: String, _ name: String, _ topic: String) throws {
        let address = try #require(StreamAddress(region: region, name: name, defaultRegion: "us-east-1"))
        #expect(address.topic.rawValue == topic)
        #expect(StreamAddress(topic: address.topic, defaultRegion: "us-east-1") == address)
    }

    @Test(arguments: [("us-east-1", "eu-west-1.clicks"), ("us-east-1", "."), ("us-east-1", "..")])
    func whatCannotBeToldApartIsNoStream(_ region: String, _ name: String) {
        #expect(StreamAddress(region: region, name: name, defaultRegion: "us-east-1") == nil)
    }

    @Test(arguments: [
        "", "arn:aws:kinesis:us-east-1:000000000000:stream/", "arn:aws:s3:us-east-1:000000000000:stream/x",
        "arn:aws:kinesis:us-east-1:000000000000:stream/x/consumer/y",
        "arn:aws:kinesis:us-east-1:000000000000:stream/x/y",
    ])
    func refusesWhatNamesNoResource(_ text: String) {
        #expect(ResourceName(text) == nil)
    }

    @Test func readsTheNameOfAConsumer() {
        let name = ResourceName("arn:aws-cn:kinesis:cn-north-1:1:stream/x/consumer/y:17")
        #expect(name?.stream == "x" && name?.consumer?.name == "y" && name?.consumer?.second == "17")
    }
}
