import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Logging
import Server
import Store
import Synchronization
import Testing
import Text

/// A server that keeps responses, whose identities count from `first` on.
@discardableResult
func keeping<Value: Sendable>(
    _ home: Home,
    _ model: FakeModel = FakeModel(),
    from first: Int = 1,
    pages: Int? = nil,
    _ configure: (inout ServerOptions) -> Void = { _ in },
    _ test: @Sendable (any TestClientProtocol) async throws -> Value
) async throws -> Value {
    var options = ServerOptions()
    (options.port, options.trapsSignals) = (0, false)
    configure(&options)
    let next = Mutex(first)
    let server = YuyanServer(
        models: OneModel(model),
        storage: try home.storage(pages: pages),
        options: options,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        stamp: { prefix in
            guard !prefix.isEmpty else { return Stamp(id: "", created: 1_700_000_009) }
            let number = next.withLock { next in
                next += 1
                return next - 1
            }
            return Stamp(id: prefix + "\(number)", created: 1_700_000_000)
        }
    )
    return try await server.application.test(.router, test)
}

/// OpenAI's Responses API, where responses are kept.
@Suite struct StoredResponsesTests {
    static let path = "/v1/responses"

    @Test(arguments: [false, true]) func aResponseIsReadAgain(isStreamed: Bool) async throws {
        let home = try Home()
        let made = try await keeping(home) { client in
            let body = #"{"input": "Hi", "metadata": {"team": "a"}, "stream": \#(isStreamed)}"#
            let response = try await client.post(Self.path, body)
            let made = isStreamed ? try response.named.last?["response"] : try response.json
            #expect(made?["status"] == "completed" && made?["store"] == true && made?["completed_at"] == 1_700_000_009)
            #expect(made?["metadata"] == ["team": "a"])
            let again = try await client.get(Self.path + "/resp_1")
            #expect(try again.json == made, "\(again.text)")
            return made
        }
        // So does the next process.
        try await keeping(home) { client in
            let again = try await client.get(Self.path + "/resp_1").json
            #expect(again == made)
        }
    }

    @Test func whatGoesOnIsCountedWithWhatWas() async throws {
        try await keeping(Home()) { client in
            _ = try await client.post(Self.path, #"{"input": "Hi"}"#)
            let body = #"{"input": "Hi", "previous_response_id": "resp_1"}"#
            let count = try await client.post(Self.path + "/input_tokens", body).json["input_tokens"]?.integer ?? 0
            #expect(count > "user:Hi\nuser:Hi\n>".utf8.count)
        }
    }

    @Test func whatIsNotToBeStoredIsNot() async throws {
        try await keeping(Home()) { client in
            #expect(try await client.post(Self.path, #"{"input": "Hi", "store": false}"#).json["store"] == false)
            let missing = try await client.get(Self.path + "/resp_1")
            #expect(try missing.status == .notFound && missing.fault == ["response_id", "response_not_found"])
        }
    }

    @Test func aChainGoesOnWithoutItsInstructions() async throws {
        let model = FakeModel()
        try await keeping(Home(), model) { client in
            _ = try await client.post(Self.path, #"{"instructions": "Be brief", "input": "One"}"#)
            let two = #"{"previous_response_id": "resp_1", "instructions": "Sing", "input": "Two"}"#
            #expect(try await client.post(Self.path, two).json["previous_response_id"] == "resp_1")
            let three = try await client.post(Self.path, #"{"previous_response_id": "resp_2", "input": "Three"}"#)
            #expect(three.status == .ok, "\(three.text)")
        }
        let prompts = model.watch.requests.map { ByteVocabulary().text(of: $0.prompt) }
        try #require(prompts.count == 3)
        #expect(prompts[1] == "system:Sing\nuser:One\nassistant:Hello, world!\nuser:Two\n>")
        #expect(
            prompts[2]
                == "user:One\nassistant:Hello, world!\nuser:Two\nassistant:Hello, world!\nuser:Three\n>"
        )
    }

    @Test func callsGoOnInAChain() async throws {
        let model = ToolTests.model(ToolTests.calling)
        try await keeping(Home(), model) { client in
            let first = try await client.post(Self.path, ResponsesTests.body(ResponsesTests.tools)).json
            let id = try #require(first["output"]?[2]?["call_id"]?.string)
            let answer = #"{"type": "function_call_output", "call_id": "\#(id)", "output": "sunny"}"#
            let body = #"{"previous_response_id": "resp_1", "input": [\#(answer)]}"#
            let response = try await client.post(Self.path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
        let requests = model.watch.requests
        try #require(requests.count == 2)
        let prompt = ByteVocabulary().text(of: requests[1].prompt)
        // The model shows what was thought in brackets.
        #expect(prompt == "user:Hi\nassistant:(Where?)Let me see.\n\ntool:sunny\n>", "\(prompt)")
    }

    @Test func aLostParentIsNamed() async throws {
        try await keeping(Home()) { client in
            for id in 0..<2 {
                let parent = id == 0 ? "" : #""previous_response_id": "resp_1", "#
                _ = try await client.post(Self.path, "{\(parent)\"input\": \"Hi\"}")
            }
            let deleted = try await client.delete(Self.path + "/resp_1")
            #expect(try deleted.json == ["id": "resp_1", "object": "response", "deleted": true])
            #expect(try await client.delete(Self.path + "/resp_1").status == .notFound)
            for parent in ["resp_1", "resp_99", "a\\u0000b"] {
                let body = #"{"previous_response_id": "\#(parent)", "input": "Hi"}"#
                let response = try await client.post(Self.path, body)
                #expect(response.status == .badRequest)
                #expect(
                    try response.fault == ["previous_response_id", "previous_response_not_found"],
                    "\(response.text)"
                )
            }
        }
    }

    /// What was deleted is found by nobody; what goes on from it goes on, and when that is deleted too, no row is left.
    @Test func aChainOutlivesItsBeginning() async throws {
        let model = FakeModel(), home = try Home()
        try await keeping(home, model) { client in
            _ = try await client.post(Self.path, #"{"input": "One"}"#)
            _ = try await client.post(Self.path, #"{"previous_response_id": "resp_1", "input": "Two"}"#)
            #expect(try await client.delete(Self.path + "/resp_1").status == .ok)
            #expect(try await client.get(Self.path + "/resp_1").status == .notFound)
            let reference = #"{"input": [{"type": "item_reference", "id": "msg_1i0"}]}"#
            #expect(try await client.post(Self.path, reference).fault[1] == "item_not_found")
            let third = try await client.post(Self.path, #"{"previous_response_id": "resp_2", "input": "Three"}"#)
            #expect(third.status == .ok, "\(third.text)")
            let id = try #require(try third.json["id"]?.string)
            for last in [id, "resp_2"] { _ = try await client.delete(Self.path + "/" + last) }
        }
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.last).prompt)
        #expect(
            prompt == "user:One\nassistant:Hello, world!\nuser:Two\nassistant:Hello, world!\nuser:Three\n>",
            "\(prompt)"
        )
        let database = try SQLiteDatabase(
            at: home.folder.appending(path: "yuyan.db"),
            migrations: ServerStorage.migrations
        )
        let rows = try database.read { try $0.rows("SELECT id FROM responses") }
        #expect(rows.isEmpty)
    }

    /// Some clients send the identities of what was said instead of saying it again.
    @Test func anItemIsReferredTo() async throws {
        let model = FakeModel()
        try await keeping(Home(), model) { client in
            _ = try await client.post(Self.path, #"{"input": "One"}"#)
            let references = #"{"type": "item_reference", "id": "msg_1i0"}, {"id": "msg_10"}"#
            let body = #"{"input": [\#(references), {"role": "user", "content": "Two"}]}"#
            let response = try await client.post(Self.path, body)
            #expect(response.status == .ok, "\(response.text)")
            #expect(try await client.get(Self.path + "/resp_2/input_items").ids == ["msg_2i2", "msg_10", "msg_1i0"])
            for id in ["msg_11", "msg_2", "x", "%"] {
                let lost = #"{"input": [{"type": "item_reference", "id": "\#(id)"}]}"#
                #expect(try await client.post(Self.path, lost).fault == ["input[0].id", "item_not_found"])
            }
        }
        let requests = model.watch.requests
        try #require(requests.count == 2)
        let prompt = ByteVocabulary().text(of: requests[1].prompt)
        #expect(prompt == "user:One\nassistant:Hello, world!\nuser:Two\n>", "\(prompt)")
    }

    @Test func itemsOfTheInputAreListed() async throws {
        try await keeping(Home()) { client in
            let items = (0..<5).map { #"{"role": "user", "content": "\#($0)"}"# }.joined(separator: ",")
            _ = try await client.post(Self.path, "{\"input\": [\(items)]}")
            let path = Self.path + "/resp_1/input_items"
            let page = try await client.get(path + "?limit=2&order=asc").json
            #expect(page["first_id"] == "msg_1i0" && page["last_id"] == "msg_1i1" && page["has_more"] == true)
            #expect(
                page["data"]?[0] == [
                    "id": "msg_1i0", "type": "message", "role": "user", "status": "completed",
                    "content": [["type": "input_text", "text": "0"]],
                ]
            )
            #expect(try await client.get(path + "?limit=2&order=asc&after=msg_1i3").ids == ["msg_1i4"])
            #expect(try await client.get(path).ids == ["msg_1i4", "msg_1i3", "msg_1i2", "msg_1i1", "msg_1i0"])
            for (query, param) in [
                ("limit=0", "limit"), ("limit=101", "limit"), ("after=x", "after"), ("order=up", "order"),
            ] {
                #expect(try await client.get(path + "?" + query).fault[0] == param)
            }
        }
    }

    /// Whichever way a client writes an array.
    @Test(arguments: ["", "/input_items"], ["include", "include[]", "include%5B%5D"])
    func whatIsToBeIncludedHasAName(part: String, key: String) async throws {
        try await keeping(Home()) { client in
            _ = try await client.post(Self.path, #"{"input": "Hi"}"#)
            let path = Self.path + "/resp_1\(part)?\(key)=reasoning.encrypted_content"
            #expect(try await client.get(path).status == .ok)
            #expect(try await client.get(path + "&\(key)=zz").fault == ["include", "invalid_value"])
        }
    }

    @Test func theOldestGo() async throws {
        let home = try Home()
        try await keeping(home, FakeModel(), { $0.keptResponses = 2 }) { client in
            for _ in 0..<3 { _ = try await client.post(Self.path, #"{"input": "Hi"}"#) }
            #expect(try await client.get(Self.path + "/resp_1").status == .notFound)
            #expect(try await client.get(Self.path + "/resp_2").status == .ok)
            home.clock.withLock { $0 += 30 * 86_400 }
            #expect(try await client.get(Self.path + "/resp_2").status == .notFound)
        }
    }

    static let wanting = [
        (#"{"input": "Hi", "background": true}"#, "background"),
        (#"{"input": "Hi", "previous_response_id": "resp_1"}"#, "previous_response_id"),
    ]

    @Test(arguments: wanting) func whereNothingIsKeptThatIsSaid(body: String, param: String) async throws {
        try await served { client in
            let plain = try await client.post(Self.path, #"{"input": "Hi", "store": true}"#).json
            #expect(plain["store"] == false && plain["status"] == "completed")
            let response = try await client.post(Self.path, body)
            #expect(
                try response.status == .notImplemented && response.fault == [param, "no_storage"],
                "\(response.text)"
            )
            #expect(try await client.get(Self.path + "/resp_1").fault == ["response_id", "no_storage"])
        }
        try await keeping(Home(), FakeModel(), { $0.keptResponses = 0 }) { client in
            let fault = try await client.post(Self.path, body).fault
            #expect(fault == [param, "no_storage"])
        }
    }

    @Test func aFullDiskCostsNoAnswer() async throws {
        try await keeping(Home(), pages: 100) { client in
            let pairs = (0..<16).map { "\"k\($0)\": \"\(String(repeating: "x", count: 500))\"" }.joined(separator: ",")
            let body = #"{"input": "Hi", "metadata": {\#(pairs)}}"#
            var last = try await client.post(Self.path, body), count = 1
            while try last.json["store"] == true, count < 200 {
                last = try await client.post(Self.path, body)
                count += 1
            }
            #expect(try last.status == .ok && last.json["status"] == "completed" && last.json["store"] == false)
            // What was kept before is there.
            #expect(try await client.get(Self.path + "/resp_1").status == .ok && count > 1)
            #expect(try await client.get(Self.path + "/resp_\(count)").status == .notFound)
        }
    }
}
