import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Store
import Testing
import Text

/// Responses that are made whether or not anybody listens.
@Suite struct BackgroundResponsesTests {
    static let path = "/v1/responses"
    static let asked = #"{"model": "fake", "input": "Hi", "background": true"#

    static func slow(_ pace: Duration = .milliseconds(20)) -> FakeModel {
        var model = FakeModel()
        model.pace = pace
        return model
    }

    @Test func itIsQueuedThenReadWhenItIsDone() async throws {
        try await keeping(Home(), Self.slow()) { client in
            let queued = try await client.post(Self.path, Self.asked + "}").json
            #expect(queued["status"] == "queued" && queued["background"] == true && queued["output"] == [])
            let done = try await client.poll("resp_1")
            #expect(done["status"] == "completed" && done["usage"]?["output_tokens"] == 4)
            #expect(done["output"]?[0]?["content"]?[0]?["text"] == "Hello, world!")
            let next = try await client.post(Self.path, #"{"input": "x", "previous_response_id": "resp_1"}"#)
            #expect(next.status == .ok, "\(next.text)")
        }
    }

    @Test func itsEventsAreHeardFromAnyNumberOn() async throws {
        let home = try Home()
        let all = try await keeping(home, Self.slow()) { client in
            let live = try await client.post(Self.path, Self.asked + #", "stream": true}"#)
            let events = Array(live.pieces.dropLast())
            #expect(
                events.prefix(3).compactMap { $0.split(separator: "\n").first }
                    == ["event: response.created", "event: response.queued", "event: response.in_progress"]
            )
            #expect(events.last?.hasPrefix("event: response.completed") == true)
            return events
        }
        try #require(all.count > 2)
        // The next process has them as well.
        try await keeping(home, from: 2) { client in
            for after in [0, 2, all.count - 2, all.count - 1, 500] {
                let rest = try await client.get(Self.path + "/resp_1?stream=true&starting_after=\(after)").pingless
                #expect(rest == all.dropFirst(after + 1).map { $0 + "\n\n" }.joined(), "after \(after)")
            }
            _ = try await client.post(Self.path, #"{"input": "Hi"}"#)
            #expect(try await client.get(Self.path + "/resp_2?stream=true").fault == ["stream", "not_streamable"])
            #expect(try await client.get(Self.path + "/resp_1?starting_after=1").fault[0] == "starting_after")
            #expect(
                try await client.get(Self.path + "/resp_1?stream=true&starting_after=x").fault[0] == "starting_after"
            )
            #expect(try await client.get(Self.path + "/resp_1?stream=yes").fault[0] == "stream")
        }
    }

    @Test func aRunningOneIsJoined() async throws {
        try await keeping(Home(), Self.slow(.milliseconds(50))) { client in
            _ = try await client.post(Self.path, Self.asked + "}")
            let events = try await client.get(Self.path + "/resp_1?stream=true&starting_after=0").pingless
            #expect(events.hasPrefix("event: response.queued") && events.contains("event: response.completed"))
        }
    }

    @Test func itIsCancelled() async throws {
        let model = Self.slow(.seconds(60))
        try await keeping(Home(), model) { client in
            _ = try await client.post(Self.path, Self.asked + "}")
            _ = await eventually { model.watch.started == 1 }
            let cancelled = try await client.post(Self.path + "/resp_1/cancel", "").json
            #expect(cancelled["status"] == "cancelled" && cancelled["usage"] == JSON.null)
            #expect(await eventually { model.watch.running == 0 })
            #expect(try await client.post(Self.path + "/resp_1/cancel", "").json == cancelled)
            #expect(try await client.get(Self.path + "/resp_1").json == cancelled)
            let next = try await client.post(Self.path, #"{"input": "x", "previous_response_id": "resp_1"}"#)
            #expect(try next.fault == ["previous_response_id", "invalid_status"])
        }
    }

    @Test func onlySuchAreCancelled() async throws {
        try await keeping(Home()) { client in
            _ = try await client.post(Self.path, #"{"input": "Hi"}"#)
            #expect(
                try await client.post(Self.path + "/resp_1/cancel", "").fault == ["response_id", "not_cancellable"]
            )
            #expect(try await client.post(Self.path + "/resp_9/cancel", "").status == .notFound)
        }
    }

    @Test func aDeletedOneIsMadeNoFurther() async throws {
        let model = Self.slow(.seconds(60))
        try await keeping(Home(), model) { client in
            _ = try await client.post(Self.path, Self.asked + "}")
            _ = await eventually { model.watch.started == 1 }
            #expect(try await client.delete(Self.path + "/resp_1").status == .ok)
            #expect(await eventually { model.watch.running == 0 })
            #expect(try await client.get(Self.path + "/resp_1").status == .notFound)
        }
    }

    @Test func itWaitsForRoom() async throws {
        var model = Self.slow(.milliseconds(5))
        model.capacity = 1
        let narrow = model
        try await keeping(Home(), narrow) { client in
            for _ in 0..<3 { _ = try await client.post(Self.path, Self.asked + "}") }
            for number in 1...3 { #expect(try await client.poll("resp_\(number)")["status"] == "completed") }
        }
    }

    @Test func thereAreOnlySoMany() async throws {
        try await keeping(Home(), Self.slow(.seconds(60)), { $0.maximumBackground = 1 }) { client in
            _ = try await client.post(Self.path, Self.asked + "}")
            let second = try await client.post(Self.path, Self.asked + "}")
            #expect(second.status == .tooManyRequests && second.headers[.retryAfter] != nil)
            _ = try await client.post(Self.path + "/resp_1/cancel", "")
        }
    }

    @Test func whatFailsSaysSo() async throws {
        var model = FakeModel()
        model.failure = .badLogits(position: 3)
        let failing = model
        try await keeping(Home(), failing) { client in
            _ = try await client.post(Self.path, Self.asked + "}")
            let failed = try await client.poll("resp_1")
            #expect(failed["status"] == "failed" && failed["error"]?["code"] == "server_error")
        }
    }

    @Test func aCutOneIsIncomplete() async throws {
        try await keeping(Home()) { client in
            _ = try await client.post(Self.path, Self.asked + #", "max_output_tokens": 2}"#)
            let cut = try await client.poll("resp_1")
            #expect(cut["status"] == "incomplete" && cut["incomplete_details"] == ["reason": "max_output_tokens"])
        }
    }

    /// What a process was making when it ended is not made by the next one.
    @Test func theNextProcessSaysWhatWasLost() async throws {
        let home = try Home(),
            other = try await keeping(home, Self.slow(.seconds(60))) { client in
                _ = try await client.post(Self.path, Self.asked + "}")
                let copy = try Home(copyOf: home)
                _ = try await client.post(Self.path + "/resp_1/cancel", "")
                return copy
            }
        try await keeping(other) { client in
            let lost = try await client.get(Self.path + "/resp_1").json
            #expect(lost["status"] == "failed", "\(lost)")
            #expect(lost["error"]?["message"]?.string?.contains("ended before") == true)
        }
    }

    @Test func itIsMadeThoughItsClientIsGone() async throws {
        let home = try Home(), storage = try home.storage(), model = Self.slow()
        let server = YuyanServer(models: OneModel(model), storage: storage, options: liveOptions)
        try await running(server) { port, _ in
            let client = try await RawClient.posting(Self.asked + #", "stream": true}"#, to: Self.path, port: port)
            #expect(await client.waitFor("response.created"))
            try await client.close()
            #expect(await eventually { model.watch.started == 1 && model.watch.running == 0 })
            #expect(model.watch.cancelled == 0)
        }
        let kept = try storage.database.read { try $0.row("SELECT status FROM responses")?.text("status") }
        #expect(kept == "completed")
    }

    /// A server that leaves waits for it, but not for ever.
    @Test(arguments: [true, false]) func theEndOfTheServerIsWaitedFor(isPatient: Bool) async throws {
        let home = try Home(), storage = try home.storage()
        let model = isPatient ? Self.slow() : Self.slow(.seconds(60))
        var options = liveOptions
        if !isPatient { options.gracePeriod = .milliseconds(50) }
        let server = YuyanServer(models: OneModel(model), storage: storage, options: options)
        try await running(server) { port, _ in
            let client = try await RawClient.posting(Self.asked + "}", to: Self.path, port: port)
            #expect(await client.waitFor("queued"))
            #expect(await eventually { model.watch.started == 1 })
        }
        let body = try storage.database.read { try $0.row("SELECT body FROM responses")?.text("body") } ?? ""
        let response = try JSON(parsing: body)
        #expect(response["status"] == (isPatient ? "completed" : "failed"), "\(body)")
        #expect(isPatient || body.contains("the server is shutting down"))
    }

    private var liveOptions: ServerOptions {
        var options = ServerOptions()
        (options.port, options.trapsSignals) = (0, false)
        return options
    }
}

extension TestClientProtocol {
    /// The response once it has ended.
    fileprivate func poll(_ id: String) async throws -> JSON {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let response = try await get("/v1/responses/\(id)").json
            if !["queued", "in_progress"].contains(response["status"]?.string) || ContinuousClock.now > deadline {
                return response
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
