import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Calls that were made, their results, and what is told of tools: the same text through every dialect.
@Suite struct PastCallsTests {
    enum Dialect: String, CaseIterable {
        case chat = "/v1/chat/completions"
        case qianfan = "/v2/chat/completions"
        case responses = "/v1/responses"
        case messages = "/v1/messages"
        case ollama = "/api/chat"
    }

    /// A call, by its identity and the text of its arguments, and the identities of results in the order they are sent.
    typealias Past = (calls: [(id: String, arguments: String)], results: [String])

    private static let templates: [(name: String, source: String)] = [
        ("generic", "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"),
        (
            "text",
            """
            {% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<{{ m.role }}>{{ m.content or '' }}\
            {% for c in m.tool_calls or [] %}<call>{"name": "{{ c.function.name }}", "arguments": \
            {{ c.function.arguments + '' }}}</call>{% endfor %}{% endfor %}
            """
        ),
    ]

    private static func model(_ template: Int) throws -> FakeModel {
        var model = ToolTests.model(["x"])
        model.template = try ChatTemplate(templates[template].source)
        return model
    }

    private static let schema: JSON = ["type": "object", "properties": [:]]

    private static func tool(_ dialect: Dialect, isStrict: Bool?) -> JSON {
        var function: OrderedObject = ["name": "go"]
        function[dialect == .messages ? "input_schema" : "parameters"] = schema
        if let isStrict { function["strict"] = .bool(isStrict) }
        if dialect == .messages { return .object(function) }
        guard dialect == .responses else { return ["type": "function", "function": .object(function)] }
        function["type"] = "function"
        return .object(function)
    }

    private static func body(_ dialect: Dialect, _ past: Past, isStrict: Bool? = nil) throws -> JSON {
        let tools: JSON = [tool(dialect, isStrict: isStrict)], user: JSON = ["role": "user", "content": "Hi"]
        let calls = try past.calls.map { id, text in
            let isObject = dialect == .messages || dialect == .ollama
            return (id: JSON.string(id), arguments: isObject ? try JSON(parsing: text) : .string(text))
        }
        let results = past.results.map { (id: JSON.string($0), said: JSON.string("said \($0)")) }
        switch dialect {
        case .chat, .qianfan, .ollama:
            let made: [JSON] = calls.map { id, arguments in
                ["id": id, "type": "function", "function": ["name": "go", "arguments": arguments]]
            }
            let told: [JSON] = results.map { ["role": "tool", "tool_call_id": $0.id, "content": $0.said] }
            let asked: JSON = ["role": "assistant", "content": nil, "tool_calls": .array(made)]
            return ["messages": .array([user, asked] + told + [user]), "tools": tools, "stream": false]
        case .messages:
            let made: [JSON] = calls.map { ["type": "tool_use", "id": $0.id, "name": "go", "input": $0.arguments] }
            let told: [JSON] = results.map { ["type": "tool_result", "tool_use_id": $0.id, "content": $0.said] }
            let asked: JSON = ["role": "assistant", "content": .array(made)]
            let last: JSON = ["role": "user", "content": .array(told + [["type": "text", "text": "Hi"]])]
            return ["max_tokens": 5, "messages": [user, asked, last], "tools": tools]
        case .responses:
            let made: [JSON] = calls.map {
                ["type": "function_call", "call_id": $0.id, "name": "go", "arguments": $0.arguments]
            }
            let told: [JSON] = results.map { ["type": "function_call_output", "call_id": $0.id, "output": $0.said] }
            return ["input": .array([user] + made + told + [user]), "tools": tools]
        }
    }

    /// The prompt that each dialect's body makes, or the answer that refuses it.
    private static func prompt(_ dialect: Dialect, _ body: JSON, _ template: Int) async throws -> String {
        let model = try model(template)
        let refusal: String? = try await server(model) { _ in }.application.test(.router) { client in
            let response = try await client.post(dialect.rawValue, body.text())
            return response.status == .ok ? nil : "\(response.status.code) \(response.text)"
        }
        return refusal ?? ByteVocabulary().text(of: model.watch.requests.first?.prompt ?? [])
    }

    static let spellings = [
        #"{"city":"北京","far":1e3}"#, #"{ "city" : "\u5317\u4eac",  "far": 1000.0 }"#, #"{"city": "北京", "far": 1000.0}"#,
    ]

    @Test(arguments: Dialect.allCases, templates.indices)
    func argumentsHaveOneSpelling(dialect: Dialect, template: Int) async throws {
        for spelling in Self.spellings {
            let body = try Self.body(dialect, ([("a", spelling)], ["a"]))
            let prompt = try await Self.prompt(dialect, body, template)
            #expect(prompt.contains(#""arguments": {"city": "北京", "far": 1000.0}}"#), "\(prompt)")
        }
    }

    @Test(arguments: Dialect.allCases, templates.indices)
    func whetherAToolIsStrictIsNotTold(dialect: Dialect, template: Int) async throws {
        let past: Past = ([("a", "{}")], ["a"])
        let plain = try await Self.prompt(dialect, Self.body(dialect, past), template)
        for isStrict in [false, true] {
            let prompt = try await Self.prompt(dialect, Self.body(dialect, past, isStrict: isStrict), template)
            #expect(prompt == plain && prompt.contains(#""name": "go""#), "\(prompt)")
        }
    }

    @Test(arguments: Dialect.allCases, templates.indices)
    func resultsAreInTheOrderOfCalls(dialect: Dialect, template: Int) async throws {
        let calls = ["a", "b", "c"].map { (id: $0, arguments: "{}") }
        let sorted = try await Self.prompt(dialect, Self.body(dialect, (calls, ["a", "b", "c"])), template)
        let mixed = try await Self.prompt(dialect, Self.body(dialect, (calls, ["c", "a", "b"])), template)
        let places = try ["said a", "said b", "said c"].map { try #require(sorted.firstRange(of: $0)).lowerBound }
        #expect(mixed == sorted && places == places.sorted(), "\(mixed)")
    }

    static let wrong: [(dialect: Dialect, calls: [String], results: [String], field: String)] = [
        (.chat, ["a"], ["a", "a"], "messages[3].tool_call_id"),
        (.qianfan, ["a", "a"], ["a"], "messages[1].tool_calls[1].id"),
        (.chat, ["a", "b"], ["a"], "messages[1].tool_calls[1].id"),
        (.chat, ["a"], [], "messages[1].tool_calls[0].id"), (.chat, ["a"], ["b"], "messages[2].tool_call_id"),
        (.messages, ["a"], ["a", "a"], "messages[2].content[1].tool_use_id"),
        (.messages, ["a", "a"], ["a"], "messages[1].content[1].id"),
        (.messages, ["a", "b"], ["b"], "messages[1].content[0].id"),
        (.responses, ["a"], ["a", "a"], "input[3].call_id"), (.responses, ["a", "a"], ["a"], "input[2].call_id"),
    ]

    @Test(arguments: wrong.indices) func everyCallHasOneResult(index: Int) async throws {
        let (dialect, calls, results, field) = Self.wrong[index]
        let body = try Self.body(dialect, (calls.map { ($0, "{}") }, results))
        let refusal = try await Self.prompt(dialect, body, 0)
        #expect(refusal.hasPrefix("400") && refusal.contains("'\(field)'"), "\(refusal)")
    }

    /// What the last message calls is yet to be answered.
    @Test func theLastCallsMayWait() async throws {
        let call: JSON = ["id": "a", "type": "function", "function": ["name": "go", "arguments": "{}"]]
        let body: JSON = [
            "messages": [["role": "user", "content": "Hi"], ["role": "assistant", "tool_calls": [call]]]
        ]
        #expect(try await Self.prompt(.chat, body, 0).contains("<tool_call>"))
    }
}
