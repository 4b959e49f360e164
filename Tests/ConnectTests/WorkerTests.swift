import Sinks
import StreamModel
import Testing

@testable import Connect

@Suite(.timeLimit(.minutes(1))) struct WorkerTests {
    @Test func connectorsComeBackWithTheStateTheyHad() async throws {
        let first = try Bench()
        _ = await first.send("POST", "/connectors", Bench.body)
        _ = await first.send("POST", "/connectors", Bench.body.replacing(#""s""#, with: #""paused""#))
        _ = await first.send("PUT", "/connectors/paused/pause")
        let second = try Bench(database: first.database)
        try await second.running {
            await second.eventually { second.sink.running == 2 }
            #expect(second.worker.names() == ["paused", "s"])
            let paused = try second.worker.status(of: "paused")
            #expect(paused.state == .paused)
            #expect(second.sink.contexts.allSatisfy { $0.connector == "s" && $0.taskCount == 2 })
        }
    }

    @Test func aTaskWhoseFailureMayPassStartsAgainByItself() async throws {
        let bench = try Bench()
        let failure = FakeSink.Failure(description: "the store is away", mayPass: true)
        bench.sink.fail(failure, failure, failure)
        try await bench.running {
            _ = await bench.send("POST", "/connectors", Bench.body)
            await bench.eventually { bench.sink.running == 2 }
            let tasks = try bench.worker.status(of: "s").tasks
            #expect(tasks.map(\.failures).reduce(0, +) == 3)
            #expect(tasks.allSatisfy { $0.state == .running && $0.trace == nil && $0.nextAttempt == nil })
        }
    }

    @Test func anyOtherFailureWaitsForARestart() async throws {
        let bench = try Bench()
        bench.sink.fail(FakeSink.Failure(description: "record 7 is broken", mayPass: false))
        try await bench.running {
            _ = await bench.send("POST", "/connectors", Bench.body)
            await bench.eventually {
                (try? bench.worker.status(of: "s").tasks.contains { $0.trace != nil }) == true
                    && bench.sink.running == 1
            }
            let failed = try #require(bench.worker.status(of: "s").tasks.first { $0.state == .failed })
            #expect(failed.trace == "record 7 is broken" && failed.nextAttempt == nil)
            #expect(bench.worker.status().detail == "failed: s")
            let (status, text) = await bench.send(
                "POST", "/connectors/s/restart?includeTasks=true&onlyFailed=true")
            #expect(status == 202)
            #expect(text.contains("RESTARTING") || text.contains("RUNNING"))
            await bench.eventually { bench.sink.running == 2 }
        }
    }

    @Test func noTaskBeginsBeforeTheOneItReplacesHasEnded() async throws {
        let bench = try Bench()
        try await bench.running {
            _ = await bench.send("POST", "/connectors", Bench.body)
            for _ in 0..<20 {
                #expect(await bench.send("POST", "/connectors/s/tasks/0/restart").status == 204)
                #expect(await bench.send("POST", "/connectors/s/restart?includeTasks=true").status == 202)
                #expect(await bench.send("POST", "/connectors/s/restart").status == 204)
            }
            await bench.eventually { bench.sink.running == 2 }
        }
        #expect(bench.sink.overlaps == 0)
        #expect(bench.sink.running == 0)
    }

    @Test func aConnectorGivenAtTheStartReplacesWhatHasItsNameAndChangesNothingIfItIsTheSame() async throws {
        let bench = try Bench()
        var given = ConnectorDefinition(name: "s", configuration: Bench.configuration, target: .running)
        try await bench.worker.open(applying: [given])
        _ = await bench.send("PUT", "/connectors/s/pause")
        let again = try Bench(database: bench.database)
        try await again.worker.open(applying: [given])
        #expect(try again.worker.status(of: "s").state == .paused)
        given.configuration["flush.size"] = "2"
        let changed = try Bench(database: bench.database)
        try await changed.worker.open(applying: [given])
        #expect(try changed.worker.view("s").configuration["flush.size"] == "2")
    }

    @Test func aConnectorGivenAtTheStartThatIsWrongStopsIt() async throws {
        let bench = try Bench()
        let wrong = ConnectorDefinition(
            name: "s", configuration: ["connector.class": "FakeSink"], target: .running)
        await #expect(throws: ConnectError.self) { try await bench.worker.open(applying: [wrong]) }
        #expect(bench.worker.names().isEmpty)
    }

    @Test func oneMoreConnectorThanAllowedIsRefused() async throws {
        let bench = try Bench { $0.maxConnectors = 1 }
        #expect(await bench.send("POST", "/connectors", Bench.body).status == 201)
        #expect(
            await bench.send("POST", "/connectors", Bench.body.replacing(#""s""#, with: #""t""#)).status
                == 409)
    }
}
