import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Thoughts that a client keeps for the server, which keeps nothing: closed on their way out, opened on their way back.
@Suite struct ClosedThoughtsTests {
    private static let included = #""include": ["reasoning.encrypted_content"], "store": false"#

    private static func model() -> FakeModel { ToolTests.model(ToolTests.calling) }

    /// The input of a second request: what was asked, what came of it, and what the functions gave back.
    private static func input(_ output: JSON?) -> JSON {
        let asked: JSON = ["role": "user", "content": "Hi"], items = output?.array ?? []
        let results: [JSON] = items.filter { $0["type"] == "function_call" }.map {
            ["type": "function_call_output", "call_id": $0["call_id"] ?? "", "output": "9"]
        }
        return .array([asked] + items + results)
    }

    private static func body(_ input: JSON) -> String {
        #"{"input": \#(input.text()), \#(included), \#(ResponsesTests.tools)}"#
    }

    private static func prompt(_ model: FakeModel) -> String {
        ByteVocabulary().text(of: model.watch.requests.last?.prompt ?? [])
    }

    @Test(arguments: ["", #", "reasoning": {"summary": "auto"}"#], [false, true])
    func theyGoRound(more: String, isStreamed: Bool) async throws {
        let model = Self.model()
        try await served(model) { client in
            let asked = ResponsesTests.body(Self.included + ", " + ResponsesTests.tools + more)
            let stream = #"{"stream": \#(isStreamed), "# + asked.dropFirst()
            let reply = try await client.post(ResponsesTests.path, stream)
            let response = try isStreamed ? reply.named.last?["response"] : reply.json
            let item = response?["output"]?[0], closed = item?["encrypted_content"]?.string
            #expect(item?["type"] == "reasoning" && closed?.contains("Where") == false, "\(reply.text)")
            let input = Self.input(response?["output"])
            let again = try await client.post(ResponsesTests.path, Self.body(input))
            #expect(again.status == .ok, "\(again.text)")
        }
        #expect(Self.prompt(model).contains("user:Hi\nassistant:(Where?)Let me see.\n"), "\(Self.prompt(model))")
    }

    @Test func withoutBeingAskedForTheyStayOpen() async throws {
        let model = Self.model()
        try await served(model) { client in
            let output = try await client.post(ResponsesTests.path, ResponsesTests.body(ResponsesTests.tools)).json
            #expect(output["output"]?[0]?["encrypted_content"] == nil)
            _ = try await client.post(ResponsesTests.path, Self.body(Self.input(output["output"])))
        }
        #expect(Self.prompt(model).contains("assistant:(Where?)"), "\(Self.prompt(model))")
    }

    /// The key is the home's: what one process closed, the next one opens.
    @Test func theyOutliveTheServer() async throws {
        let home = try Home(), model = Self.model()
        let asked = ResponsesTests.body(Self.included + ", " + ResponsesTests.tools)
        let output = try await keeping(home, model) { client in
            try await client.post(ResponsesTests.path, asked).json["output"]
        }
        try await keeping(home, model) { client in
            let again = try await client.post(ResponsesTests.path, Self.body(Self.input(output)))
            #expect(again.status == .ok, "\(again.text)")
        }
    }

    @Test(arguments: ["7", "\"AAAA\"", "\"\""]) func whatWasNotClosedHereIsRefused(closed: String) async throws {
        try await served { client in
            let item = #"{"type": "reasoning", "summary": [], "encrypted_content": \#(closed)}"#
            let body = #"{"input": [{"role": "user", "content": "Hi"}, \#(item)]}"#
            let response = try await client.post(ResponsesTests.path, body)
            #expect(try response.status == .badRequest && response.fault[0] == "input[1].encrypted_content")
        }
    }
}
