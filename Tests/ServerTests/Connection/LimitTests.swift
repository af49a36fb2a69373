import Server
import Testing

@Suite struct LimitTests {
    static let chat = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"

    @Test func aClientThatDoesNotReadIsCut() async throws {
        var model = HangUpTests.talker
        model.words = Array(repeating: String(repeating: "x", count: 100_000), count: 1000)
        model.pace = .milliseconds(5)
        let watch = model.watch
        try await live(model, { $0.writeTimeout = .milliseconds(300) }) { port, _ in
            let body = ChatTests.body(#""stream": true"#)
            let client = try await RawClient.posting(body, to: ChatTests.path, port: port, reads: false)
            #expect(await eventually { watch.started == 1 && watch.running == 0 })
            #expect(watch.cancelled == 1)
            try? await client.close()
        }
    }

    @Test func aClientThatDribblesItsHeadersIsCut() async throws {
        try await live(FakeModel(), { $0.idleTimeout = .milliseconds(300) }) { port, _ in
            let client = try await RawClient.connect(to: port)
            try? await client.send("POST / HTTP/1.1\r\n")  // a slow machine may have been cut already
            #expect(await Self.dribble("X-A: b\r\n", to: client))
        }
    }

    @Test func aClientThatDribblesItsBodyIsCut() async throws {
        try await live(FakeModel(), { $0.requestTimeout = .milliseconds(300) }) { port, _ in
            let client = try await RawClient.connect(to: port)
            try await client.send(Self.chat + "Content-Length: 100000\r\n\r\n")
            #expect(await Self.dribble(" ", to: client))
            #expect(client.received.contains("HTTP/1.1 408") && client.received.contains("request_timeout"))
        }
    }

    /// Whether the server closes before five seconds of dribbling are over.
    static func dribble(_ text: String, to client: RawClient) async -> Bool {
        for _ in 0..<100 where !client.isClosed {
            try? await client.send(text)
            try? await Task.sleep(for: .milliseconds(50))
        }
        return client.isClosed
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await live(FakeModel(), { $0.idleTimeout = .seconds(1) }) { port, _ in
            let question = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let client = try await RawClient.answered(question, by: "200 OK", port: port)
            #expect(await client.waitForEnd())
        }
    }

    @Test func aSlowAnswerIsNotIdleness() async throws {
        var model = FakeModel()
        model.pace = .milliseconds(1200)
        try await live(model, { ($0.idleTimeout, $0.requestTimeout) = (.seconds(1), .seconds(1)) }) {
            port,
            _ in
            let question = RawClient.posted(ChatTests.body(), to: ChatTests.path)
            let client = try await RawClient.answered(question, by: "Hello, world!", port: port)
            #expect(client.received.contains("200 OK"))
        }
    }

    @Test func aHugeBodyIsRefusedBeforeItComes() async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port)
            try await client.send(Self.chat + "Content-Length: 9000000000\r\n\r\n{")
            #expect(await client.waitFor("HTTP/1.1 413"))
            #expect(await client.waitFor("body_too_large"))
            #expect(await client.waitForEnd())
        }
    }

    @Test func aBodyWithoutALengthHasALimitToo() async throws {
        try await live(FakeModel(), { $0.bodyLimit = 10_000 }) { port, _ in
            let client = try await RawClient.connect(to: port)
            try await client.send(Self.chat + "Transfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<11 { try await client.send("400\r\n" + String(repeating: " ", count: 1024) + "\r\n") }
            #expect(await client.waitFor("HTTP/1.1 413"))
            try? await client.send("0\r\n\r\n")
            #expect(await client.waitForEnd())
        }
    }

    @Test func moreConnectionsThanAllowedWaitTheirTurn() async throws {
        try await live(FakeModel(), { $0.maximumConnections = 1 }) { port, _ in
            let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let first = try await RawClient.connect(to: port)
            try await first.send(health)
            #expect(await first.waitFor("200 OK"))
            let second = try await RawClient.connect(to: port)
            try await second.send(health)
            try await Task.sleep(for: .milliseconds(100))
            #expect(second.received.isEmpty)
            try await first.close()
            #expect(await second.waitFor("200 OK"))
        }
    }

    @Test func whoAsksBeforeSendingIsAnswered() async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port), body = ChatTests.body()
            try await client.send(Self.chat + "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            #expect(await client.waitFor("HTTP/1.1 100 Continue\r\n\r\n"))
            try await client.send(body)
            #expect(await client.waitFor("Hello, world!"))
        }
    }

    static let garbage = [
        "\u{0}\u{1}\u{16} nonsense\r\n\r\n", "GET /health HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + String(repeating: "a", count: 1_000_000) + "\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X-A: b\r\n", count: 10_000) + "\r\n",
        "GET /" + String(repeating: "a", count: 1_000_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ]

    @Test(arguments: garbage)
    func garbageIsRefusedAndOthersAreServed(garbage: String) async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port)
            try? await client.send(garbage)
            #expect(await eventually { client.isClosed || client.received.contains("\r\n\r\n") })
            #expect(!client.received.contains("200 OK"))
            let other = try await RawClient.connect(to: port)
            try await other.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await other.waitFor("200 OK"))
        }
    }
}
