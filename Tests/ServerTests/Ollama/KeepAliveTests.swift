import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Synchronization
import Testing
import Text

/// How long a model stays in memory, as clients say it.
@Suite struct KeepAliveTests {
    @Test func zeroLetsItGoAndTheNextRequestOpensItAgain() async throws {
        let kept = try Kept()
        try await kept.served { client in
            _ = try await client.post("/api/generate", #"{"prompt": "Hi"}"#)
            #expect(try await client.get("/api/ps").json["models"]?.array?.count == 1)
            let line = try await client.lines("/api/generate", #"{"keep_alive": 0}"#).last
            #expect(line?["done_reason"] == "unload" && line?["done"] == true)
            #expect(try await client.get("/api/ps").json["models"] == [])
            #expect(
                try await client.post("/api/chat", OllamaTests.body(#""keep_alive": 0, "stream": false"#)).status == .ok
            )
            #expect(try await client.get("/api/ps").json["models"] == [], "let go when it had answered")
            #expect(try await client.lines("/api/chat", "{}").last?["done_reason"] == "load")
        }
        #expect(kept.opened.withLock(\.self) == ["fake", "fake", "fake"])
    }

    @Test func aWhileIsAWhile() async throws {
        try await Kept().served { client in
            _ = try await client.post("/api/generate", #"{"keep_alive": "1h30m"}"#)
            let shown = try await client.get("/api/ps").json["models"]?[0]
            #expect(shown?["size"] == 10 && shown?["expires_at"]?.string?.isEmpty == false)
            _ = try await client.post("/api/generate", #"{"keep_alive": "30ms"}"#)
            for _ in 0..<500 {
                if try await client.get("/api/ps").json["models"] == [] { return }
                try await Task.sleep(for: .milliseconds(10))
            }
            Issue.record("it is still open")
        }
    }

    static let good: [(value: String, isOpen: Bool)] = [
        ("-1", true), (#""-1m""#, true), (#""5m""#, true), ("300", true), ("1500.5", true), (#""24h""#, true),
        (#""300""#, true),
        ("0", false), (#""0s""#, false), (#""0""#, false),
    ]

    @Test(arguments: good.indices) func secondsAndGosDurationsAreRead(index: Int) async throws {
        let (value, isOpen) = Self.good[index]
        try await Kept().served { client in
            let response = try await client.post("/api/generate", #"{"keep_alive": \#(value)}"#)
            #expect(response.status == .ok, "\(response.text)")
            #expect(try await client.get("/api/ps").json["models"]?.array?.isEmpty == !isOpen)
        }
    }

    @Test(arguments: [#""""#, #""soon""#, #""5 m""#, "true", "[1]", #""5m3""#, #""m""#, #""1..5s""#, #""5µ""#])
    func otherwiseTheFieldIsNamed(value: String) async throws {
        for path in ["/api/generate", "/api/chat"] {
            try await Kept().served { client in
                let response = try await client.post(path, #"{"keep_alive": \#(value)}"#)
                #expect(response.status == .badRequest && response.text.contains("'keep_alive'"), "\(response.text)")
            }
        }
    }

    @Test func whatItsOperatorPinnedStays() async throws {
        let shelf = Shelf()
        let item = Shelf.Item(name: "fake", bytes: 1, isPinned: true) { FakeModel() }
        _ = try await shelf.model(item)
        shelf.keep("fake", for: .zero)
        shelf.keep("fake", for: .milliseconds(1))
        shelf.sweep(at: .now + .seconds(9))
        #expect(shelf.open.count == 1 && shelf.holding("fake")?.bytes == 1 && shelf.holding("fake")?.timeLeft == nil)
    }
}
