import Server
import Testing

@Suite struct HangUpTests {
    /// Ten seconds of speech.
    static var talker: FakeModel {
        var model = FakeModel()
        model.words = Array(repeating: "la ", count: 1000)
        model.card.contextLength = 10_000
        model.pace = .milliseconds(10)
        return model
    }

    enum Farewell: CaseIterable { case close, reset, closeOutput }

    static func leave(_ client: RawClient, _ farewell: Farewell) async throws {
        switch farewell {
        case .close: try await client.close()
        case .reset: try await client.reset()
        case .closeOutput: try await client.closeOutput()
        }
    }

    @Test(arguments: Farewell.allCases)
    func aStreamEndsWithItsReader(farewell: Farewell) async throws {
        let model = Self.talker
        try await live(model) { port, _ in
            let client = try await RawClient.posting(ChatTests.body(#""stream": true"#), to: ChatTests.path, port: port)
            #expect(await client.waitFor("la "))
            try await Self.leave(client, farewell)
            #expect(await eventually { model.watch.running == 0 })
            #expect(model.watch.cancelled == 1)
        }
    }

    @Test(arguments: Farewell.allCases)
    func aSilentWaiterIsMissedToo(farewell: Farewell) async throws {
        let model = Self.talker
        try await live(model) { port, _ in
            let client = try await RawClient.posting(ChatTests.body(#""n": 3"#), to: ChatTests.path, port: port)
            #expect(await eventually { model.watch.started == 3 })
            try await Self.leave(client, farewell)
            #expect(await eventually { model.watch.running == 0 })
            #expect(model.watch.cancelled == 3)
        }
    }

    @Test func oneHangUpDisturbsNobodyElse() async throws {
        var model = Self.talker
        model.words = Array(repeating: "la ", count: 50)
        let watch = model.watch
        try await live(model) { port, _ in
            var clients: [RawClient] = []
            for _ in 0..<32 {
                clients.append(
                    try await RawClient.posting(ChatTests.body(#""stream": true"#), to: ChatTests.path, port: port)
                )
            }
            for (index, client) in clients.enumerated() where index % 3 == 0 {
                #expect(await client.waitFor("la "))
                try await client.close()
            }
            for (index, client) in clients.enumerated() where index % 3 != 0 {
                #expect(await client.waitFor("[DONE]"))
                #expect(client.received.components(of: "la ") == 50)
            }
            #expect(await eventually { watch.running == 0 })
        }
    }

    @Test func aConnectionGoesOnAfterAStream() async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port)
            for round in 1...3 {
                try await client.post(ChatTests.body(#""stream": true"#), to: ChatTests.path)
                #expect(await eventually { client.received.components(of: "[DONE]") == round })
            }
            #expect(!client.isClosed)
            try await client.close()
        }
    }

    @Test func aSilentStreamSendsComments() async throws {
        var model = FakeModel()
        model.pace = .milliseconds(500)
        try await live(model, { $0.pingInterval = .milliseconds(10) }) { port, _ in
            let client = try await RawClient.posting(ChatTests.body(#""stream": true"#), to: ChatTests.path, port: port)
            #expect(await client.waitFor("\n: ping\n\n"))
            #expect(await client.waitFor("[DONE]"))
            let received = client.received
            let comment = try #require(received.firstRange(of: ": ping"))
            let event = try #require(received.firstRange(of: "data:"))
            #expect(comment.lowerBound < event.lowerBound, "nothing was to be said yet")
            try await client.close()
        }
    }
}

extension String {
    /// How often another text is in this one.
    func components(of other: String) -> Int { ranges(of: other).count }
}
