import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// OpenAI's Responses API.
@Suite struct ResponsesTests {
    static let path = "/v1/responses"
    static let tools = """
        "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {"city": \
        {"type": "string"}}, "required": ["city"]}}, {"type": "function", "name": "now"}]
        """

    static func body(_ more: String = "") -> String { #"{"input": "Hi""# + (more.isEmpty ? "" : ", " + more) + "}" }

    @Test func answersWholeAndInEvents() async throws {
        try await served(ToolTests.model(ToolTests.calling)) { client in
            let whole = try await client.post(Self.path, Self.body(Self.tools))
            #expect(whole.status == .ok, "\(whole.text)")
            try expectGolden(whole.text + "\n", "responses.txt")
            let stream = try await client.post(Self.path, Self.body(Self.tools + #", "stream": true"#))
            try expectGolden(stream.text, "responses-stream.txt")
            let events = try stream.text.components(separatedBy: "\n\n").dropLast().map {
                try JSON(parsing: String($0.split(separator: "\n")[1].dropFirst("data: ".count)))
            }
            #expect(events.map { $0["sequence_number"]?.integer } == Array(0..<events.count))
            #expect(events.last?["type"] == "response.completed")
            // The ids differ in nothing, so the last event has what the whole says.
            #expect(try events.last?["response"]?["output"]?[2] == whole.json["output"]?[2])
        }
    }

    @Test func theInputBecomesMessages() async throws {
        let model = ToolTests.model(["x"])
        let body = """
            {"instructions": "Be", "max_output_tokens": 9, "input": [{"role": "user", "content": "a"}, {"type": "reasoning", "summary": []}, \
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "b"}]}, \
            {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"}, \
            {"type": "function_call_output", "call_id": "c1", "output": "9"}, {"role": "user", "content": [{"type": "input_text", "text": "d"}]}]}
            """
        try await served(model) { client in
            let response = try await client.post(Self.path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
        let request = try #require(model.watch.requests.first)
        #expect(ByteVocabulary().text(of: request.prompt) == "system:Be\nuser:a\nassistant:b\ntool:9\nuser:d\n>")
        #expect(request.maxTokens == 9)
    }

    @Test func aFormIsKeptAndACutIsTold() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let form =
                #""text": {"format": {"type": "json_schema", "name": "n", "strict": true, "schema": {"type": "integer"}}}"#
            let response = try await client.post(Self.path, Self.body(form + #", "max_output_tokens": 2"#)).json
            #expect(
                response["status"] == "incomplete" && response["incomplete_details"]?["reason"] == "max_output_tokens"
            )
            #expect(response["output"]?[0]?["status"] == "incomplete" && response["usage"]?["output_tokens"] == 2)
        }
        #expect(model.watch.requests.first?.constraint?.takes("7", whole: true) == true)
    }

    static let refused: [(body: String, param: String)] = [
        ("{}", "input"), (#"{"input": []}"#, "input"), (#"{"input": 7}"#, "input"),
        (#"{"input": [{"role": "wizard", "content": "x"}]}"#, "input[0].role"),
        (#"{"input": [{"type": "web_search_call"}]}"#, "input[0]"),
        (#"{"input": [{"role": "user", "content": [{"type": "input_image"}]}]}"#, "input[0].content[0]"),
        (body(#""previous_response_id": "resp_1""#), "previous_response_id"),
        (body(#""background": true"#), "background"),
        (body(#""conversation": "c""#), "conversation"), (body(#""tools": [{"type": "web_search"}]"#), "tools[0].type"),
        (body(#""tool_choice": "required""#), "tool_choice"),
        (body(#""text": {"format": {"type": "xml"}}"#), "text.format.type"),
        (body(#""text": {"format": {"type": "json_schema", "schema": {"not": {}}}}"#), "text.format.schema"),
        (body(#""max_output_tokens": 0"#), "max_output_tokens"), (body(#""temperature": 3"#), "temperature"),
        (body(#""instructions": 7"#), "instructions"),
    ]

    @Test(arguments: refused) func whatIsWrongIsNamed(body: String, param: String) async throws {
        try await served { client in
            let response = try await client.post(Self.path, body)
            #expect(
                try response.status == .badRequest && response.json["error"]?["param"] == .string(param),
                "\(response.text)"
            )
        }
    }
}
