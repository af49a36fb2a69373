import Checkpoints
import Foundation
import HummingbirdTesting
import Server
import Synchronization
import Testing
import Text

/// What takes long ends with whoever asked for it, and leaves nothing behind.
@Suite(.timeLimit(.minutes(15))) struct KeepingHangUpTests {
    /// Goes on until it is told to end.
    final class Mill: Sendable {
        private let state = Mutex((begun: false, over: false))

        var begun: Bool { state.withLock(\.begun) }
        var over: Bool { state.withLock(\.over) }

        var quantising: ModelKeeper.Quantising {
            { _, _, target, progress in
                try Data("half".utf8).write(to: URL(filePath: target))
                self.state.withLock { $0.begun = true }
                defer { self.state.withLock { $0.over = true } }
                while true {
                    usleep(2000)
                    try progress(0.5)
                }
            }
        }
    }

    private static func pulled(_ kept: Kept) async throws {
        try await kept.served { client in _ = try await client.lines("/api/pull", #"{"model": "tiny"}"#) }
    }

    @Test(arguments: HangUpTests.Farewell.allCases, [true, false])
    func quantisingEndsWithItsClient(farewell: HangUpTests.Farewell, isStreamed: Bool) async throws {
        let kept = try Kept(), mill = Mill()
        try await Self.pulled(kept)
        let body = #"{"model": "small", "from": "tiny", "quantize": "q4_0", "stream": \#(isStreamed)}"#
        try await running(kept.server(quantising: mill.quantising)) { port, _ in
            let client = try await RawClient.posting(body, to: "/api/create", port: port)
            #expect(await eventually { mill.begun })
            if isStreamed { #expect(await client.waitFor(#""completed":50"#)) }
            try await HangUpTests.leave(client, farewell)
            #expect(await eventually { mill.over })
        }
        #expect(try kept.store.list().map(\.name) == ["tiny"])
        let left = try FileManager.default.contentsOfDirectory(atPath: kept.store.folder)
        #expect(!left.contains { $0.contains("quantising") }, "\(left)")
    }

    /// While it waits for another pull of the same model, here for one that never ends.
    @Test(arguments: HangUpTests.Farewell.allCases)
    func aPullEndsWithItsClient(farewell: HangUpTests.Farewell) async throws {
        let kept = try Kept()
        let locks = kept.store.folder + "/.locks"
        try FileManager.default.createDirectory(atPath: locks, withIntermediateDirectories: true)
        let lock = try #require(try FileLock(path: locks + "/tiny.gguf"))
        try await running(kept.server()) { port, _ in
            let client = try await RawClient.posting(#"{"model": "tiny"}"#, to: "/api/pull", port: port)
            #expect(await client.waitFor("waiting for another pull"))
            try await HangUpTests.leave(client, farewell)
            let reader = try await RawClient.connect(to: port), deadline = ContinuousClock.now + .seconds(60)
            while !reader.received.contains("yuyan_http_hang_ups_total 1"), ContinuousClock.now < deadline {
                try await reader.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(reader.received.contains("yuyan_http_hang_ups_total 1"), "it ends though the other pull does not")
            try await reader.close()
        }
        withExtendedLifetime(lock) {}
        #expect(try kept.store.list().isEmpty)
    }

    @Test(arguments: ["tiny", "mario"])
    func fewerBitsAreAFileOfTheirOwn(base: String) async throws {
        let kept = try Kept()
        try await Self.pulled(kept)
        try await kept.served { client in
            _ = try await client.lines("/api/create", #"{"model": "mario", "from": "tiny", "system": "You are Mario"}"#)
            let lines = try await client.lines(
                "/api/create",
                #"{"model": "small", "from": "\#(base)", "quantize": "Q4_0"}"#
            )
            #expect(lines.first?["status"] == "quantizing model to q4_0")
            #expect(lines.last == ["status": "success"], "\(lines)")
            #expect(lines.contains { $0["completed"] == 50 && $0["total"] == 100 }, "\(lines)")
            _ = try await client.post("/api/generate", #"{"model": "small", "prompt": "Hi"}"#)
            let shown = try await client.post("/api/show", #"{"model": "small"}"#).json
            #expect((shown["system"] == "You are Mario") == (base == "mario"), "\(shown)")
        }
        let stored = try #require(try kept.store.list().first { $0.name == "small" })
        #expect(try ModelDescription(GGUFFile(path: stored.path)).title == "q4_0")
    }
}
