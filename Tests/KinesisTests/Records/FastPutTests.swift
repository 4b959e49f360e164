import NIOCore
import StreamModel
import Testing

@testable import Kinesis

@Suite struct FastPutTests {
    private func read(_ json: String, isBatch: Bool = false) -> PutRequest? {
        FastPut.read(ByteBuffer(string: json), isBatch: isBatch)
    }

    private func texts(_ request: PutRequest?) -> [[String?]]? {
        request.map { request in
            request.records.entries.map { entry in
                [entry.key, entry.value].map { slice in
                    slice.flatMap { request.records.bytes.getString(at: $0.start, length: $0.count) }
                }
            }
        }
    }

    @Test func readsARecordInAnyOrderOfMembers() {
        let request = read(
            #" {"PartitionKey": "k", "Data": "Zm9v", "StreamName": "s", "ExplicitHashKey": "7"} "#)
        #expect(texts(request) == [["k", "foo"]])
        #expect(request?.target.name == "s" && request?.explicitHashKeys == [0: HashKey(7)])
    }

    @Test func readsRecords() {
        let request = read(
            #"{"Records":[{"Data":"YQ==","PartitionKey":"1"},{"PartitionKey":"2","Data":""}],"StreamName":"s"}"#,
            isBatch: true)
        #expect(texts(request) == [["1", "a"], ["2", ""]])
    }

    @Test(arguments: [
        "", "{}", #"{"StreamName":"s"}"#, #"{"StreamName":"s","Data":"YQ=="}"#,
        #"{"StreamName":"s","Data":"YQ","PartitionKey":"k"}"#,
        #"{"StreamName":"s","Data":"YQ==","PartitionKey":""}"#,
        #"{"StreamName":"s","Data":"YQ==","PartitionKey":"\u0041"}"#,
        #"{"StreamName":"s","Data":null,"PartitionKey":"k"}"#,
        #"{"StreamName":"s","Data":"YQ==","PartitionKey":"k","DryRun":true}"#,
        #"{"StreamName":"?","Data":"YQ==","PartitionKey":"k"}"#,
        #"{"StreamName":"s","Data":"YQ==","PartitionKey":"k","ExplicitHashKey":"01"}"#,
        #"{"StreamName":"s","Data":"YQ==","PartitionKey":"k"} x"#,
    ])
    func leavesWhatIsUnusualToTheShape(_ json: String) {
        #expect(read(json) == nil)
    }

    @Test func agreesWithTheShapeOnWhateverItReads() throws {
        var generator = SplitMix(state: 9)
        let good = Array(
            #"{"Records":[{"Data":"Zm9vYg==","PartitionKey":"key","ExplicitHashKey":"12"}],"StreamName":"s"}"#
                .utf8)
        var count = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...Int(generator.next() % 2) {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(generator.next() % 128)
            }
            let body = ByteBuffer(bytes: bytes)
            guard let fast = FastPut.read(body, isBatch: true) else { continue }
            count += 1
            let shape = KinesisAction.putRecords.input
            let value = try shape.read(try KinesisCodec.json.read(body))
            #expect(shape.faults(of: value, at: "", isRequired: true) == [])
            guard case .structure(let input)? = value else { continue }
            let slow = try PutRequest(input, isBatch: true)
            #expect(texts(fast) == texts(slow))
            #expect(fast.explicitHashKeys == slow.explicitHashKeys && fast.target.name == slow.target.name)
        }
        #expect(count > 500, "too few of the damaged requests were still requests")
    }
}
