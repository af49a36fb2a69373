import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Text

/// What is within the items of an input: it is kept and shown again, so it has to be right.
@Suite struct InputItemTests {
    private static let hello = #"{"role": "user", "content": "Hi"}"#

    /// An item, and the field of it that is wrong.
    static let wrong: [(item: String, field: String)] = [
        (#"{"type": "reasoning", "id": "rs_1", "summary": [1]}"#, ".summary[0]"),
        (#"{"type": "reasoning", "summary": [{"text": "a"}]}"#, ".summary[0].type"),
        (#"{"type": "reasoning", "summary": [{"type": 7, "text": "a"}]}"#, ".summary[0].type"),
        (#"{"type": "reasoning", "summary": [{"type": "text", "text": "a"}]}"#, ".summary[0].type"),
        (#"{"type": "reasoning", "summary": [{"type": "summary_text", "text": [1]}]}"#, ".summary[0].text"),
        (#"{"type": "reasoning", "content": [{"type": "x", "text": "a"}]}"#, ".content[0].type"),
        (#"{"type": "reasoning", "content": [{"type": "reasoning_text"}]}"#, ".content[0].text"),
        (#"{"type": "reasoning", "summary": [], "status": "qq"}"#, ".status"),
        (#"{"type": "reasoning", "summary": [], "id": ""}"#, ".id"),
        (#"{"type": "function_call", "call_id": "c", "name": "", "arguments": "{}"}"#, ".name"),
        (#"{"type": "function_call", "call_id": "", "name": "f", "arguments": "{}"}"#, ".call_id"),
        (#"{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "id": ""}"#, ".id"),
        (#"{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "status": 5}"#, ".status"),
        (#"{"type": "function_call_output", "call_id": "c", "output": "x", "status": "qq"}"#, ".status"),
        (#"{"type": "function_call_output", "call_id": "c", "output": "x", "id": ""}"#, ".id"),
        (#"{"role": "user", "content": "a", "status": {"x": 1}}"#, ".status"),
        (#"{"role": "user", "content": "a", "id": ""}"#, ".id"),
        (#"{"role": "user", "content": [7]}"#, ".content[0]"),
        (#"{"role": "assistant", "content": "a", "phase": 7}"#, ".phase"),
        (#"{"role": "assistant", "content": "a", "phase": "thinking"}"#, ".phase"),
        (called(#""namespace": 7"#), ".namespace"), (called(#""caller": [7]"#), ".caller"),
        (called(#""created_by": {}"#), ".created_by"),
        (#"{"type": "function_call_output", "call_id": "c", "output": "x", "caller": 7}"#, ".caller"),
        (#"{"type": "function_call_output", "call_id": "c", "output": "x", "created_by": 7}"#, ".created_by"),
        (said(#""annotations": 7"#), ".content[0].annotations"),
        (said(#""annotations": ["x"]"#), ".content[0].annotations[0]"),
        (said(#""annotations": [{"type": "x"}]"#), ".content[0].annotations[0].type"),
        (said(#""logprobs": [7]"#), ".content[0].logprobs[0]"),
    ]

    /// What an assistant said, with more beside the text.
    private static func said(_ more: String) -> String {
        #"{"role": "assistant", "content": [{"type": "output_text", "text": "a", \#(more)}]}"#
    }

    private static func called(_ more: String) -> String {
        #"{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", \#(more)}"#
    }

    @Test(arguments: wrong) func whatIsWrongWithinIsNamed(item: String, field: String) async throws {
        try await served { client in
            let response = try await client.post(ResponsesTests.path, #"{"input": [\#(item), \#(Self.hello)]}"#)
            #expect(response.status == .badRequest, "\(response.text)")
            #expect(try response.fault[0] == "input[0]" + field, "\(response.text)")
        }
    }

    @Test func whatIsRightIsShownAgain() async throws {
        let cited = #""annotations": [{"type": "url_citation", "url": "u"}], "logprobs": [{"token": "a"}]"#
        let items = [
            #"{"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}], "status": "incomplete"}"#,
            #"{"type": "reasoning", "id": null, "summary": null, "status": null}"#, Self.said(cited),
            #"{"role": "assistant", "content": "b", "status": "incomplete", "phase": "final_answer"}"#,
            #"{"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}"#,
            #"{"type": "function_call_output", "call_id": "c", "output": "x", "status": "in_progress"}"#, Self.hello,
        ]
        try await keeping(Home(), ToolTests.model(["x"])) { client in
            let body = #"{"input": [\#(items.joined(separator: ", "))]}"#
            let response = try await client.post(ResponsesTests.path, body)
            #expect(response.status == .ok, "\(response.text)")
            let listed = try await client.get(ResponsesTests.path + "/resp_1/input_items?order=asc").json["data"]
            let statuses = listed?.array?.compactMap { $0["status"]?.string }
            #expect(
                statuses == [
                    "incomplete", "completed", "completed", "incomplete", "completed", "in_progress", "completed",
                ]
            )
            #expect(listed?[1]?["id"] == "rs_1i1" && listed?[1]?["summary"] == [])
            #expect(listed?[4]?["id"] == "fc_1" && listed?[5]?["id"] == "fco_1i5")
        }
    }
}
