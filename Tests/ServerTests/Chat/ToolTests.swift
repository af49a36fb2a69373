import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Calls of functions and thoughts, whole and streamed.
@Suite struct ToolTests {
    static let form = CallForm.hermes

    static func model(_ words: [String]) -> FakeModel {
        var model = FakeModel()
        model.card.contextLength = 4096
        model.card.chatTemplate = "{{ messages }} {{ tools }}"
        (model.card.calls, model.card.thoughts) = (form, .known[0])
        model.words = words
        return model
    }

    static let tools = """
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": \
        {"city": {"type": "string"}}, "required": ["city"]}}}, {"type": "function", "function": {"name": "now"}}]
        """

    static let calling = [
        "<think>\nWhere", "?\n</think>\n\n", "Let me see.\n", "<tool_call>", "\n{\"name\": \"wea",
        "ther\", \"arguments\": {\"ci",
        "ty\": \"上海\"}", "}\n</tool_call>\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
    ]

    @Test func callsThoughtsAndWordsAreToldApart() async throws {
        try await served(Self.model(Self.calling)) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(Self.tools))
            #expect(response.status == .ok, "\(response.text)")
            try expectGolden(response.text + "\n", "chat-tools.txt")
        }
    }

    @Test func argumentsAreStreamedAsTheyAreWritten() async throws {
        try await served(Self.model(Self.calling)) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(Self.tools + #", "stream": true"#))
            try expectGolden(response.pingless, "chat-tools-stream.txt")
            let deltas = try response.events.compactMap { $0["choices"]?[0]?["delta"]?["tool_calls"]?[0] }
            let first = deltas.filter { $0["index"] == 0 }.compactMap { $0["function"]?["arguments"]?.string }
            #expect(first.joined() == "{\"city\": \"上海\"}" && first.count == 3)
            #expect(try response.events.last?["choices"]?[0]?["finish_reason"] == "tool_calls")
        }
    }

    /// Calls of one function.
    private static func several(_ count: Int) -> String {
        let call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"
        return Array(repeating: call, count: count).joined(separator: "\n")
    }

    static let choices: [(choice: String, texts: [String], others: [String])] = [
        (#""auto""#, ["Hello", "<tool_call>\n{\"name\": \"now"], ["<tool_call>\n{\"name\": \"then"]),
        (#""required""#, ["<tool_call>\n{\"name\": \"now", several(16)], ["Hello", several(17)]),
        (
            #"{"type": "function", "function": {"name": "now"}}"#,
            ["<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"],
            ["Hello", "<tool_call>\n{\"name\": \"w", several(2)]
        ),
        (
            #"{"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "now"}}]}}"#,
            ["Hello", "<tool_call>\n{\"name\": \"n"], ["<tool_call>\n{\"name\": \"w"]
        ),
    ]

    @Test(arguments: choices, [ChatTests.path, QianfanTests.path])
    func aChoiceOfToolsIsKept(asked: (choice: String, texts: [String], others: [String]), path: String) async throws {
        let model = Self.model(["x"])
        try await served(model) { client in
            _ = try await client.post(path, ChatTests.body(Self.tools + #", "tool_choice": \#(asked.choice)"#))
        }
        let constraint = try #require(model.watch.requests.first?.constraint)
        for text in asked.texts { #expect(constraint.takes(text), "\(text)") }
        for text in asked.others { #expect(!constraint.takes(text), "\(text)") }
    }

    @Test func withoutToolsNothingIsHeld() async throws {
        let model = Self.model(["Hi"])
        try await served(model) { client in
            for more in [#""tool_choice": "none", \#(Self.tools)"#, #""response_format": {"type": "text"}"#, ""] {
                _ = try await client.post(ChatTests.path, ChatTests.body(more))
            }
        }
        #expect(model.watch.requests.count == 3 && model.watch.requests.allSatisfy { $0.constraint == nil })
    }

    @Test func aFormHoldsWhatIsNoCall() async throws {
        let model = Self.model(["x"])
        try await served(model) { client in
            let form =
                #", "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "integer"}}}"#
            _ = try await client.post(ChatTests.path, ChatTests.body(Self.tools + form))
        }
        let constraint = try #require(model.watch.requests.first?.constraint)
        #expect(constraint.takes("12", whole: true) && constraint.takes("<tool_call>\n{\"name\": \"n"))
        #expect(!constraint.takes("Hello"))
    }

    /// Its first member may be called as a call's is.
    @Test(arguments: ["chat/completions", "messages"]) func aFormBesideToolsIsNoCall(route: String) async throws {
        let answer = #"{"name": "now", "arguments": 5}"#, schema = #"{"type": "object"}"#
        let (path, body) =
            route == "messages"
            ? (
                MessagesTests.path,
                MessagesTests.body(
                    MessagesTests.tools
                        + #", "output_config": {"format": {"type": "json_schema", "schema": \#(schema)}}"#
                )
            )
            : (ChatTests.path, ChatTests.body(Self.tools + #", "response_format": {"type": "json_object"}"#))
        try await served(Self.model([answer])) { client in
            let response = try await client.post(path, body)
            #expect(response.status == .ok, "\(response.text)")
            let json = try response.json
            let text = json["choices"]?[0]?["message"]?["content"] ?? json["content"]?[0]?["text"]
            #expect(text == .string(answer), "\(response.text)")
        }
    }

    @Test(arguments: [ChatTests.path, QianfanTests.path])
    func severalCallsOnlyWhereTheyAreWanted(path: String) async throws {
        let model = Self.model(["x"]),
            two = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n<tool_call>"
        try await served(model) { client in
            for parallel in ["true", "false"] {
                let more = Self.tools + #", "parallel_tool_calls": \#(parallel)"#
                _ = try await client.post(path, ChatTests.body(more))
            }
        }
        #expect(model.watch.requests.map { $0.constraint?.takes(two) } == [true, false])
    }

    @Test func aCallAndItsAnswerGoRound() async throws {
        let model = Self.model(["Hi"])
        let messages = """
            {"messages": [{"role": "user", "content": "t?"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", \
            "type": "function", "function": {"name": "now", "arguments": "{}"}}]}, {"role": "tool", "tool_call_id": "call_1", \
            "content": "noon"}], \(Self.tools)}
            """
        try await served(model) { client in
            let response = try await client.post(ChatTests.path, messages)
            #expect(response.status == .ok, "\(response.text)")
        }
        let request = try #require(model.watch.requests.first)
        #expect(ByteVocabulary().text(of: request.prompt).hasSuffix("assistant:-\ntool:noon\n>"))
    }

    @Test(arguments: [(#""thinking_budget": 7"#, 7), (#""thinking": {"type": "enabled", "budget_tokens": 9}"#, 9)])
    func thoughtsHaveABudget(fields: String, tokens: Int) async throws {
        let model = Self.model(["x"])
        try await served(model) { client in _ = try await client.post(ChatTests.path, ChatTests.body(fields)) }
        let budget = try #require(model.watch.requests.first?.constraint?.budget)
        #expect(
            budget.tokens == tokens && budget.end == Array("</think>".utf8) && budget.start == Array("<think>".utf8)
        )
    }

    static let refused: [(fields: String, param: String)] = [
        (#""tool_choice": "must""#, "tool_choice"), (#""tool_choice": 7"#, "tool_choice"),
        (#""tool_choice": {"type": "web"}"#, "tool_choice.type"),
        (#""tool_choice": "required""#, "tool_choice"),
        (#""tool_choice": {"type": "function"}"#, "tool_choice.function"),
        (#""tool_choice": {"type": "function", "function": {}}"#, "tool_choice.function.name"),
        (#""tool_choice": {"type": "function", "name": 7}"#, "tool_choice.name"),
        (#""tool_choice": {"type": "allowed_tools"}"#, "tool_choice.allowed_tools"),
        (#""tool_choice": {"type": "allowed_tools", "tools": []}"#, "tool_choice.mode"),
        (allowed(#""tools": []"#), "tool_choice.allowed_tools.mode"),
        (allowed(#""mode": null, "tools": []"#), "tool_choice.allowed_tools.mode"),
        (allowed(#""mode": "none", "tools": []"#), "tool_choice.allowed_tools.mode"),
        (allowed(#""mode": "auto""#), "tool_choice.allowed_tools.tools"),
        (allowed(#""mode": "auto", "tools": [7]"#), "tool_choice.allowed_tools.tools[0]"),
        (
            allowed(#""mode": "auto", "tools": [{"type": "x", "function": {"name": "f"}}]"#),
            "tool_choice.allowed_tools.tools[0].type"
        ),
        (
            allowed(#""mode": "auto", "tools": [{"type": "function"}]"#),
            "tool_choice.allowed_tools.tools[0].function"
        ),
        (#""tool_choice": {"type": "function", "function": {"name": "f"}}"#, "tool_choice"),
        (
            #""tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]}"#,
            "tool_choice.tools[0].name"
        ),
        (#""tools": [{"type": "function", "function": {"name": "a b"}}]"#, "tools[0].function.name"),
        (
            #""tools": [{"type": "function", "function": {"name": "a"}}, {"type": "function", "function": {"name": "a"}}]"#,
            "tools[1].function.name"
        ),
        (
            #""tools": [{"type": "function", "function": {"name": "b"}}, {"type": "function", "function": {"name": "a", "strict": true, "parameters": {"not": {}}}}]"#,
            "tools[1].function.parameters"
        ),
        (
            #""tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "integer"}}}]"#,
            "tools[0].function.parameters"
        ),
        (
            #""tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": ["object", "null"]}}}]"#,
            "tools[0].function.parameters"
        ),
        (#""parallel_tool_calls": 7"#, "parallel_tool_calls"), (#""thinking_budget": -1"#, "thinking_budget"),
        (#""thinking": {"type": "maybe"}"#, "thinking.type"), (#""enable_thinking": "yes""#, "enable_thinking"),
    ]

    private static func allowed(_ fields: String) -> String {
        #""tool_choice": {"type": "allowed_tools", "allowed_tools": {\#(fields)}}"#
    }

    @Test(arguments: refused) func whatIsWrongIsNamed(fields: String, param: String) async throws {
        try await served(Self.model(["x"])) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(fields))
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["param"] == .string(param), "\(response.text)")
        }
    }

    /// A dialect's route, and where its tools have their schema.
    static let dialects = [
        (ChatTests.path, "function.parameters"), (QianfanTests.path, "function.parameters"),
        (OllamaTests.chat, "function.parameters"), (ResponsesTests.path, "parameters"),
        (MessagesTests.path, "input_schema"),
    ]

    /// Two tools, of which the second has a keyword that nothing holds.
    private static func body(_ path: String, _ place: String, isStrict: Bool) -> String {
        let schemas = ["{}", #"{"properties": {"a": {"not": {}}}}"#]
        let tools = schemas.enumerated().map { index, schema in
            let key = place.split(separator: ".").last ?? ""
            let tool = #""name": "tool\#(index)", "strict": \#(isStrict), "\#(key)": \#(schema)"#
            if place.hasPrefix("function.") { return #"{"type": "function", "function": {\#(tool)}}"# }
            return place == "parameters" ? #"{"type": "function", \#(tool)}"# : "{\(tool)}"
        }
        let said =
            path == ResponsesTests.path
            ? #""input": "Hi""# : #""max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]"#
        return "{\(said), \"tools\": [\(tools.joined(separator: ", "))]}"
    }

    @Test(arguments: dialects) func whatAToolAsksForInVainIsTold(path: String, place: String) async throws {
        try await served(Self.model(["x"])) { client in
            let taken = try await client.post(path, Self.body(path, place, isStrict: false))
            let told = taken.headers[HTTPField.Name("x-ignored-fields")!] ?? ""
            #expect(taken.status == .ok, "\(taken.text)")
            #expect(told.hasSuffix("tools[1].\(place).properties.a.not"), "\(told)")
            let refused = try await client.post(path, Self.body(path, place, isStrict: true))
            #expect(refused.status == .badRequest && refused.text.contains("'tools[1].\(place)'"), "\(refused.text)")
        }
    }

    /// A schema that contradicts itself is told whole.
    @Test func aSchemaThatIsLeftOutIsTold() async throws {
        let schema = #"{"properties": {"a": {"type": "string", "enum": [1]}}, "required": ["a"]}"#
        let tool = #"{"type": "function", "function": {"name": "f", "parameters": \#(schema)}}"#
        try await served(Self.model(["x"])) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(#""tools": [\#(tool)]"#))
            #expect(response.status == .ok, "\(response.text)")
            #expect(response.headers[HTTPField.Name("x-ignored-fields")!] == "tools[0].function.parameters")
        }
    }

    @Test func toolsAreRefusedWhereCallsCannotBeRead() async throws {
        var model = Self.model(["x"])
        model.card.calls = nil
        try await served(model) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(Self.tools))
            #expect(try response.status == .badRequest && response.json["error"]?["param"] == "tools")
        }
    }
}
