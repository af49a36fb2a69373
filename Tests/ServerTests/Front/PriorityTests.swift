import Dispatch
import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Synchronization
import Testing
import Text

/// How urgent a request is, from its body to the scheduler, and who may say so.
@Suite(.timeLimit(.minutes(1))) struct PriorityTests {
    private static let turns = #""messages": [{"role": "user", "content": "Hi"}]"#

    static let asked: [(path: String, body: String)] = [
        ("/v1/chat/completions", turns), ("/v1/completions", #""prompt": "Hi""#), ("/v1/responses", #""input": "Hi""#),
        ("/v1/messages", #""max_tokens": 5, "# + turns), ("/v2/chat/completions", turns),
    ]

    @Test(arguments: asked) func lowerIsSooner(path: String, body: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            for priority in ["-100", "-1", "0", "7", "100", "null"] {
                let response = try await client.post(path, "{\(body), \"priority\": \(priority)}")
                #expect(response.status == .ok && response.headers[.init("x-ignored-fields")!] == nil)
            }
            _ = try await client.post(path, "{\(body)}")
        }
        #expect(model.watch.requests.map(\.priority) == [100, 1, 0, -7, -100, 0, 0])
    }

    /// What a key is given as, where the server listens, the key that is sent, the priority, and the status.
    static let callers: [(host: String, keys: [String], urgent: [String], key: String?, priority: Int, status: Int)] = [
        ("127.0.0.1", [], [], nil, -1, 200), ("0.0.0.0", [], [], nil, -1, 403), ("0.0.0.0", [], [], nil, 1, 200),
        ("127.0.0.1", ["a"], [], "a", -1, 403), ("0.0.0.0", ["a"], [], "a", 0, 200),
        ("0.0.0.0", ["a"], ["b"], "a", -100, 403), ("0.0.0.0", ["a"], ["b"], "a", 100, 200),
        ("0.0.0.0", ["a"], ["b"], "b", -100, 200), ("0.0.0.0", [], ["b"], "b", -1, 200),
        ("0.0.0.0", ["a", "b"], ["b"], "b", -1, 200), ("127.0.0.1", [], ["b"], nil, -1, 401),
    ]

    @Test(arguments: callers.indices) func whoMayGoesBeforeOthers(index: Int) async throws {
        let (host, keys, urgent, key, priority, status) = Self.callers[index]
        let model = FakeModel()
        try await served(model, { ($0.host, $0.apiKeys, $0.urgentKeys) = (host, keys, urgent) }) { client in
            let headers: HTTPFields = key.map { [.authorization: "Bearer \($0)"] } ?? [:]
            let body = ChatTests.body("\"priority\": \(priority)")
            let response = try await client.post(ChatTests.path, body, headers: headers)
            #expect(response.status.code == status, "\(response.text)")
            guard status == 403 else { return }
            #expect(try response.fault == ["priority", "priority_not_allowed"])
        }
        #expect(model.watch.requests.map(\.priority) == (status == 200 ? [-priority] : []))
    }

    /// Each dialect says no in its own form.
    static let refusals: [(path: String, body: String, expected: String)] = [
        ("/v1/responses", #""input": "Hi""#, #""type":"permission_error""#),
        ("/v1/messages", #""max_tokens": 5, "# + turns, #""type":"permission_error""#),
        ("/v2/chat/completions", turns, #""code":"access_denied""#),
    ]

    @Test(arguments: refusals)
    func whoMayNotIsToldInTheDialectsForm(path: String, body: String, expected: String) async throws {
        try await served(FakeModel(), { $0.host = "0.0.0.0" }) { client in
            let response = try await client.post(path, "{\(body), \"priority\": -1}")
            let told = response.text.replacing(": ", with: ":")
            #expect(response.status == .forbidden && told.contains(expected) && told.contains("'priority'"), "\(told)")
        }
    }

    /// The first step waits until all have come; one seat makes the others wait in their order.
    private final class Gate: Sendable {
        private let isOpen = DispatchSemaphore(value: 0)
        private let ids = Mutex([Int]())

        /// The requests in the order in which they were seated.
        var seated: [Int] { ids.withLock { $0 } }

        func pass(_ plan: Plan) {
            let isFirst = ids.withLock { ids in
                defer { for slice in plan.slices where !ids.contains(slice.id) { ids.append(slice.id) } }
                return ids.isEmpty
            }
            if isFirst { isOpen.wait() }
        }

        func open() { isOpen.signal() }
    }

    @Test func anUrgentRequestOvertakesThoseThatWait() async throws {
        let gate = Gate()
        var options = Engine.Options()
        options.maxRunning = 1
        let model = ScriptedModel("ok", options: options) { gate.pass($0) }
        try await served(model) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for (count, priority) in [0, 0, 5, 0, -1].enumerated() {
                    group.addTask {
                        let body = ChatTests.body("\"priority\": \(priority)")
                        return try await client.post(ChatTests.path, body).status.code
                    }
                    while model.statistics.accepted <= count { await Task.yield() }
                }
                gate.open()
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect(gate.seated == [1, 5, 2, 4, 3])
    }
}
