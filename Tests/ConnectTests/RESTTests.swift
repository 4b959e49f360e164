import Sinks
import StreamModel
import Testing

@testable import Connect

@Suite(.timeLimit(.minutes(1))) struct RESTTests {
    private static let info = """
        {"name":"s","config":{"connector.class":"FakeSink","flush.size":"1","name":"s","tasks.max":"2",\
        "topics":"me.pin"},"tasks":[{"connector":"s","task":0},{"connector":"s","task":1}],"type":"sink"}
        """
    private static let running = """
        {"name":"s","connector":{"state":"RUNNING","worker_id":"127.0.0.1:8080"},"tasks":[\
        {"id":0,"state":"RUNNING","worker_id":"127.0.0.1:8080"},\
        {"id":1,"state":"RUNNING","worker_id":"127.0.0.1:8080"}],"type":"sink"}
        """

    @Test func tellsItsVersionAndHealth() async throws {
        let bench = try Bench()
        #expect(
            await bench.send("GET", "/")
                == (200, #"{"version":"3.9.0","commit":"x","kafka_cluster_id":"cluster"}"#))
        #expect(await bench.send("GET", "/health").status == 200)
    }

    @Test func aConnectorIsMadeShownAndDeleted() async throws {
        let bench = try Bench()
        let made = await bench.answer("POST", "/connectors", Bench.body)
        #expect(made.status == 201 && made.location == "/connectors/s")
        #expect(String(decoding: made.body ?? [], as: UTF8.self) == Self.info)
        #expect(await bench.send("GET", "/connectors") == (200, #"["s"]"#))
        #expect(await bench.send("GET", "/connectors/s") == (200, Self.info))
        #expect(await bench.send("POST", "/connectors", Bench.body).status == 409)
        #expect(await bench.send("DELETE", "/connectors/s") == (204, ""))
        #expect(
            await bench.send("GET", "/connectors/s")
                == (404, #"{"error_code":404,"message":"Connector s not found"}"#))
        #expect(await bench.send("DELETE", "/connectors/s").status == 404)
    }

    @Test func configurationsAreReplacedAndPatched() async throws {
        let bench = try Bench()
        let configuration = #"{"connector.class":"FakeSink","topics":"me.pin","flush.size":"1"}"#
        let made = await bench.answer("PUT", "/connectors/a b/config", configuration)
        #expect(made.status == 201 && made.location == "/connectors/a%20b")
        #expect(await bench.send("PUT", "/connectors/a b/config", configuration).status == 200)
        let patch = #"{"flush.size":5,"tasks.max":"3","topics":null,"topics.regex":"me.*"}"#
        #expect(await bench.send("PATCH", "/connectors/a b/config", patch).status == 200)
        #expect(
            await bench.send("GET", "/connectors/a b/config")
                == (
                    200,
                    #"{"connector.class":"FakeSink","flush.size":"5","name":"a b","tasks.max":"3","topics.regex":"me.*"}"#
                ))
        #expect(await bench.send("PATCH", "/connectors/b/config", patch).status == 404)
        #expect(await bench.send("PATCH", "/connectors/a b/config", #"{"flush.size":null}"#).status == 400)
    }

    @Test func theNameInTheConfigurationMustBeTheConnectors() async throws {
        let bench = try Bench()
        let (status, text) = await bench.send(
            "POST", "/connectors", #"{"name":"a","config":{"name":"b","connector.class":"FakeSink"}}"#)
        #expect(status == 400)
        #expect(text.contains("Connector name configuration (b) doesn't match connector name in the URL (a)"))
    }

    @Test(arguments: [
        ("POST", "/connectors", "{"), ("POST", "/connectors", "[]"), ("POST", "/connectors", "{}"),
        ("POST", "/connectors", #"{"name":"a","config":{"x":[1]}}"#),
        ("POST", "/connectors", #"{"name":"a","extra":1}"#),
        ("POST", "/connectors", #"{"name":"a","config":{"connector.class":"Nobody"}}"#),
        ("PUT", "/connectors/a/config", #"{"connector.class":null}"#),
        ("PUT", "/connector-plugins/FakeSink/config/validate", "{}"),
        ("PUT", "/connector-plugins/Other/config/validate", #"{"connector.class":"FakeSink"}"#),
        ("POST", "/connectors/s/restart?includeTasks=perhaps", ""),
    ])
    func refusesWhatItCannotRead(method: String, path: String, body: String) async throws {
        let (status, text) = await (try Bench()).send(method, path, body)
        #expect(status == 400)
        #expect(text.hasPrefix(#"{"error_code":400,"message":""#))
    }

    @Test(arguments: [
        ("GET", "config"), ("GET", "status"), ("GET", "tasks"), ("GET", "tasks-config"),
        ("GET", "tasks/0/status"), ("POST", "tasks/0/restart"), ("POST", "restart"),
        ("POST", "restart?includeTasks=true"), ("PUT", "pause"), ("PUT", "resume"), ("PUT", "stop"),
        ("GET", "topics"), ("PUT", "topics/reset"), ("GET", "offsets"), ("DELETE", "offsets"),
        ("GET", "progress"), ("POST", "flush"),
    ])
    func aConnectorThatIsNotThereIsNotFound(method: String, path: String) async throws {
        let (status, text) = await (try Bench()).send(method, "/connectors/none/" + path)
        #expect(status == 404)
        #expect(text.hasPrefix(#"{"error_code":404,"message":""#))
    }

    @Test func wrongMethodsPathsAndMediaTypesHaveErrorsOfTheirOwn() async throws {
        let bench = try Bench()
        let answer = await bench.answer("PATCH", "/connectors")
        #expect(answer.status == 405 && answer.allow == "GET, POST")
        #expect(await bench.send("GET", "/nothing").text.contains(#""error_code":404"#))
        let typed = await bench.api.answer(
            ConnectRequest(
                method: "POST", path: ["connectors"], contentType: "application/x-www-form-urlencoded",
                body: [1]))
        #expect(typed.status == 415)
    }

    @Test func tellsHowAConnectorDoes() async throws {
        let bench = try Bench()
        try await bench.running {
            _ = await bench.send("POST", "/connectors", Bench.body)
            await bench.eventually { bench.sink.running == 2 }
            #expect(await bench.send("GET", "/connectors/s/status") == (200, Self.running))
            #expect(
                await bench.send("GET", "/connectors/s/tasks/1/status")
                    == (200, #"{"id":1,"state":"RUNNING","worker_id":"127.0.0.1:8080"}"#))
            #expect(
                await bench.send("GET", "/connectors?expand=status&expand=info")
                    == (200, #"{"s":{"status":\#(Self.running),"info":\#(Self.info)}}"#))
            #expect(
                await bench.send("GET", "/connectors/s/topics") == (200, #"{"s":{"topics":["me.pin"]}}"#))
            #expect(await bench.send("PUT", "/connectors/s/topics/reset").status == 202)
            #expect(await bench.send("GET", "/connectors/s/topics") == (200, #"{"s":{"topics":[]}}"#))
        }
    }

    @Test func pausesResumesAndStops() async throws {
        let bench = try Bench()
        try await bench.running {
            _ = await bench.send("POST", "/connectors", Bench.body)
            await bench.eventually { bench.sink.running == 2 }
            #expect(await bench.send("PUT", "/connectors/s/pause") == (202, ""))
            #expect(await bench.send("PUT", "/connectors/s/pause") == (202, ""))
            await bench.eventually { bench.sink.running == 0 }
            let paused = await bench.send("GET", "/connectors/s/status").text
            #expect(paused == Self.running.replacing("RUNNING", with: "PAUSED"))
            #expect(await bench.send("POST", "/connectors/s/flush").status == 409)
            #expect(await bench.send("PUT", "/connectors/s/resume") == (202, ""))
            await bench.eventually { bench.sink.running == 2 }
            #expect(await bench.send("PUT", "/connectors/s/stop") == (204, ""))
            #expect(
                await bench.send("GET", "/connectors/s/status").text
                    == #"{"name":"s","connector":{"state":"STOPPED","worker_id":"127.0.0.1:8080"},"tasks":[],"type":"sink"}"#
            )
            #expect(await bench.send("GET", "/connectors/s/tasks") == (200, "[]"))
        }
    }

    @Test func startsInTheStateThatIsAskedFor() async throws {
        let bench = try Bench()
        let body = Bench.body.replacing(#"{"name""#, with: #"{"initial_state":"stopped","name""#)
        #expect(await bench.send("POST", "/connectors", body).status == 201)
        #expect(await bench.send("GET", "/connectors/s/status").text.contains(#""state":"STOPPED""#))
        let wrong = Bench.body.replacing(#"{"name""#, with: #"{"initial_state":"idle","name""#)
        #expect(await bench.send("POST", "/connectors", wrong).status == 400)
    }

    @Test func offsetsCanBeChangedOnlyWhileItIsStopped() async throws {
        let bench = try Bench()
        _ = await bench.send("POST", "/connectors", Bench.body)
        let told = """
            {"offsets":[{"partition":{"kafka_partition":0,"kafka_topic":"me.pin"},"offset":{"kafka_offset":3}}]}
            """
        #expect(await bench.send("GET", "/connectors/s/offsets") == (200, told))
        let change = told.replacing(#""kafka_offset":3"#, with: #""kafka_offset":1"#)
        #expect(await bench.send("PATCH", "/connectors/s/offsets", change).status == 400)
        #expect(await bench.send("DELETE", "/connectors/s/offsets").status == 400)
        // Tasks that never began have nothing to end.
        try await bench.running {
            _ = await bench.send("PUT", "/connectors/s/stop")
            #expect(
                await bench.send("PATCH", "/connectors/s/offsets", change)
                    == (200, #"{"message":"The offsets for this connector have been altered successfully"}"#))
            #expect(await bench.send("GET", "/connectors/s/offsets") == (200, change))
            #expect(
                await bench.send("DELETE", "/connectors/s/offsets")
                    == (200, #"{"message":"The offsets for this connector have been reset successfully"}"#))
            #expect(await bench.send("GET", "/connectors/s/offsets") == (200, #"{"offsets":[]}"#))
        }
    }

    @Test(arguments: [
        "{}", #"{"offsets":[]}"#, #"{"offsets":[{"offset":{"kafka_offset":1}}]}"#,
        #"{"offsets":[{"partition":{"kafka_topic":"a"},"offset":null}]}"#,
        #"{"offsets":[{"partition":{"kafka_topic":"a b","kafka_partition":0},"offset":null}]}"#,
        #"{"offsets":[{"partition":{"kafka_topic":"a","kafka_partition":-1},"offset":null}]}"#,
        #"{"offsets":[{"partition":{"kafka_topic":"a","kafka_partition":0},"offset":{}}]}"#,
        #"{"offsets":[{"partition":{"kafka_topic":"a","kafka_partition":0},"offset":{"kafka_offset":"x"}}]}"#,
    ])
    func refusesOffsetsThatAreNone(body: String) async throws {
        let bench = try Bench()
        _ = await bench.send("POST", "/connectors", Bench.body)
        #expect(await bench.send("PATCH", "/connectors/s/offsets", body).status == 400)
    }

    @Test func flushesAndTellsTheProgress() async throws {
        let bench = try Bench()
        try await bench.running {
            _ = await bench.send("POST", "/connectors", Bench.body)
            await bench.eventually { bench.sink.running == 2 }
            let (status, text) = await bench.send("POST", "/connectors/s/flush")
            #expect(status == 200)
            #expect(bench.sink.flushes == 2)
            #expect(
                text.contains(
                    #"{"topic":"me.pin","partition":0,"committed":3,"position":5,"end":9,"lag":6,"open_files":1,"#
                        + #""open_records":2,"open_bytes":20,"next_flush":1700000000000}"#))
            #expect(
                bench.worker.samples().contains { $0.name == "pinline_connect_lag_records" && $0.value == 6 })
        }
    }

    @Test func levelsOfLoggersAreShownAndChanged() async throws {
        let bench = try Bench()
        #expect(
            await bench.send("GET", "/admin/loggers")
                == (200, #"{"root":{"level":"INFO","last_modified":null}}"#))
        #expect(await bench.send("PUT", "/admin/loggers/root", #"{"level":"DEBUG"}"#) == (200, #"["root"]"#))
        #expect(
            await bench.send("GET", "/admin/loggers/root").text.hasPrefix(
                #"{"level":"DEBUG","last_modified":1"#))
        #expect(
            await bench.send("PUT", "/admin/loggers/root?scope=cluster", #"{"level":"warn"}"#) == (204, ""))
        #expect(await bench.send("GET", "/admin/loggers/none").status == 404)
        #expect(await bench.send("PUT", "/admin/loggers/root", #"{"level":"LOUD"}"#).status == 404)
        #expect(await bench.send("PUT", "/admin/loggers/root", "{}").status == 400)
    }
}
