import Server
import ServiceLifecycle
import Synchronization
import Testing

@Suite struct ShutdownTests {
    @Test func aStreamFinishesBeforeTheEnd() async throws {
        var model = FakeModel()
        model.words = Array(repeating: "la ", count: 30)
        model.pace = .milliseconds(20)
        try await live(model) { port, group in
            let client = try await RawClient.posting(ChatTests.body(#""stream": true"#), to: ChatTests.path, port: port)
            #expect(await client.waitFor("la "))
            await group.triggerGracefulShutdown()
            #expect(await client.waitFor("[DONE]"))
            #expect(client.received.components(of: "la ") == 30)
            #expect(await client.waitForEnd())
            await #expect(throws: (any Error).self) { try await RawClient.connect(to: port) }
        }
    }

    @Test func anIdleConnectionDoesNotHoldTheEndUp() async throws {
        try await live(FakeModel(), { $0.gracePeriod = .seconds(60) }) { port, group in
            let client = try await RawClient.connect(to: port)
            try await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await client.waitFor("200 OK"))
            await group.triggerGracefulShutdown()
            #expect(await client.waitForEnd())
        }
    }

    /// A machine that is too busy for the last words closes without them; they are heard when it is not.
    @Test func patienceHasAnEnd() async throws {
        let model = HangUpTests.talker
        var received = ""
        for _ in 0..<3 where !received.contains("The generation was cut: the server is shutting down.") {
            received = try await cutShort(model)
            #expect(received.contains("la ") && !received.contains("[DONE]"))
        }
        #expect(received.contains("The generation was cut: the server is shutting down."))
        #expect(await eventually { model.watch.running == 0 })
    }

    /// What a client has got when the server's patience with its stream is at an end.
    private func cutShort(_ model: FakeModel) async throws -> String {
        let received = Received()
        try await live(model, { $0.gracePeriod = .milliseconds(200) }) { port, group in
            let client = try await RawClient.posting(ChatTests.body(#""stream": true"#), to: ChatTests.path, port: port)
            #expect(await client.waitFor("la "))
            await group.triggerGracefulShutdown()
            #expect(await client.waitForEnd())
            received.text.withLock { $0 = client.received }
        }
        return received.text.withLock { $0 }
    }

    private final class Received: Sendable {
        let text = Mutex("")
    }

    @Test func whoWaitsForAWholeAnswerIsToldThatItWasCut() async throws {
        try await live(HangUpTests.talker, { $0.gracePeriod = .milliseconds(200) }) { port, group in
            let client = try await RawClient.posting(ChatTests.body(), to: ChatTests.path, port: port)
            try await Task.sleep(for: .milliseconds(100))
            await group.triggerGracefulShutdown()
            #expect(await client.waitForEnd())
            #expect(client.received.hasPrefix("HTTP/1.1 503"))
            #expect(client.received.contains(#""code":"unavailable""#))
        }
    }

    struct Broken: Error {}

    @Test func aModelThatDoesNotOpenEndsTheServer() async throws {
        var options = ServerOptions()
        (options.port, options.trapsSignals) = (0, false)
        let server = YuyanServer(models: OneModel(named: "x") { throw Broken() }, options: options)
        await #expect(throws: Broken.self) { try await server.run() }
    }

    @Test func aTakenAddressEndsTheServer() async throws {
        try await live { port, _ in
            await #expect(throws: (any Error).self) {
                try await server(FakeModel(), { $0.port = port }).run()
            }
        }
    }
}
