import Foundation
import HTTPTypes
import HummingbirdCore
import HummingbirdTesting
import Inference
import Server
import Synchronization
import Testing
import Text

@Suite struct HealthTests {
    @Test func isWell() async throws {
        try await served { client in
            _ = try await client.get("/v1/models")  // waits until the model is open
            #expect(try await client.get("/health").json == ["status": "ok"])
            #expect(try await client.get("/ready").status == .ok)
            #expect(try await client.execute(uri: "/health", method: .head).status == .ok)
        }
    }

    @Test func livesBeforeItsModelIsOpen() async throws {
        let gate = DispatchSemaphore(value: 0)
        let models = OneModel(named: "fake") {
            gate.wait()
            return FakeModel()
        }
        try await YuyanServer(models: models).application.test(.router) { client in
            let reply = try await client.get("/health")
            #expect(reply.status == .ok)
            #expect(try await client.get("/ready").status == .serviceUnavailable)
            async let early = client.post(ChatTests.path, ChatTests.body())
            gate.signal()
            #expect(try await early.status == .ok)
            #expect(try await client.get("/ready").status == .ok)
        }
    }

    @Test func saysWhenItIsLeaving() async throws {
        let drain = Drain()
        let health = Health(models: OneModel(FakeModel()), drain: drain)
        #expect(health.answer().status == .ok)
        drain.begin()
        #expect(health.answer().status == .serviceUnavailable)
    }
}

@Suite struct MetricsTests {
    @Test func countsRequestsByRouteAndStatus() async throws {
        try await served { client in
            _ = try await client.post(ChatTests.path, ChatTests.body())
            _ = try await client.post(ChatTests.path, "{")
            _ = try await client.get("/nowhere/at/all")
            let response = try await client.get("/metrics")
            #expect(response.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
            let lines = response.text.split(separator: "\n")
            for line in [
                #"yuyan_http_requests_total{route="/v1/chat/completions",method="POST",status="200"} 1"#,
                #"yuyan_http_requests_total{route="/v1/chat/completions",method="POST",status="400"} 1"#,
                #"yuyan_http_requests_total{route="NotFound",method="GET",status="404"} 1"#,
                #"yuyan_http_request_seconds_bucket{route="/v1/chat/completions",le="+Inf"} 2"#,
                #"yuyan_requests_running{model="fake"} 0"#, #"yuyan_requests_accepted_total{model="fake"} 1"#,
            ] {
                #expect(lines.contains(Substring(line)), "\(line)")
            }
        }
    }

    @Test func everySampleBelongsToADeclaredFamily() async throws {
        try await served { client in
            _ = try await client.get("/v1/models")
            var family = "", seen: Set<String> = []
            for line in try await client.get("/metrics").text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# TYPE ") {
                    family = String(try #require(words.dropFirst(2).first))
                    #expect(seen.insert(family).inserted, "\(family) is declared twice")
                } else if !line.hasPrefix("#") {
                    #expect(line.hasPrefix(family), "\(line) stands under \(family)")
                    #expect(words.last.flatMap { Double($0) } != nil, "\(line)")
                }
            }
            #expect(seen.isSuperset(of: ["process_resident_memory_bytes", "process_cpu_seconds_total"]))
        }
    }
}
