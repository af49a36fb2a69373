import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Thoughts asked of a model that has none are refused, in every dialect; not to be asked for any is no harm.
@Suite struct ThinkingTests {
    /// A route, a good body of it without its braces, and fields.
    typealias Case = (path: String, body: String, fields: String, named: String)

    private static let turns = #""messages": [{"role": "user", "content": "Hi"}]"#
    private static let chat = ["/v1/chat/completions", "/v2/chat/completions"]

    private static let askingChats: [(fields: String, named: String)] = [
        (#""reasoning_effort": "low""#, "reasoning_effort"), (#""enable_thinking": true"#, "enable_thinking"),
        (#""thinking": {"type": "enabled"}"#, "thinking.type"), (#""thinking_budget": 64"#, "thinking_budget"),
        (#""chat_template_kwargs": {"enable_thinking": true}"#, "chat_template_kwargs.enable_thinking"),
    ]
    private static let budget = #""thinking": {"type": "enabled", "budget_tokens": 1024}"#
    private static let askingOthers: [Case] = [
        ("/v1/responses", #""input": "Hi""#, #""reasoning": {"effort": "high"}"#, "reasoning.effort"),
        ("/v1/responses", #""input": "Hi""#, #""thinking_budget": 64"#, "thinking_budget"),
        ("/v1/responses/input_tokens", #""input": "Hi""#, #""reasoning": {"effort": "high"}"#, "reasoning.effort"),
        ("/v1/messages", turns + #", "max_tokens": 2000"#, budget, "thinking"),
        ("/v1/messages/count_tokens", turns, budget, "thinking"),
        ("/v1/messages", turns + #", "max_tokens": 5"#, #""output_config": {"effort": "low"}"#, "output_config.effort"),
        ("/api/chat", turns, #""think": true"#, "think"), ("/api/chat", turns, #""think": "high""#, "think"),
        ("/api/generate", #""prompt": "Hi""#, #""think": true"#, "think"),
        ("/api/generate", #""prompt": "Hi", "raw": true"#, #""think": true"#, "think"),
    ]

    static let asking: [Case] = chats(askingChats) + askingOthers

    private static func chats(_ asked: [(fields: String, named: String)]) -> [Case] {
        chat.flatMap { path in asked.map { asked in (path, turns, asked.fields, asked.named) } }
    }

    private static func model(thinks: Bool) -> FakeModel {
        var model = ToolTests.model(["x"])
        if !thinks { model.card.thoughts = nil }
        return model
    }

    @Test(arguments: asking.indices) func aModelWithoutThoughtsSaysSo(index: Int) async throws {
        let (path, body, fields, named) = Self.asking[index]
        try await served(Self.model(thinks: false)) { client in
            let response = try await client.post(path, "{\(body), \(fields)}")
            #expect(response.status == .badRequest)
            #expect(response.text.contains("'\(named)'"), "\(response.text)")
            #expect(response.text.contains(#"\"fake\" does not support thinking"#), "\(response.text)")
        }
    }

    @Test(arguments: asking.indices) func aModelThatThinksIsAsked(index: Int) async throws {
        let (path, body, fields, _) = Self.asking[index]
        try await served(Self.model(thinks: true)) { client in
            let response = try await client.post(path, "{\(body), \(fields)}")
            #expect(response.status == .ok, "\(response.text)")
        }
    }

    /// Templates that read how hard to think belong to models that do, whatever marks their thoughts.
    @Test func aTemplateThatReadsTheEffortThinks() async throws {
        var model = Self.model(thinks: false)
        model.card.chatTemplate = "{{ messages }}{{ reasoning_effort }}"
        let reading = model
        try await served(reading) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(#""reasoning_effort": "low""#))
            #expect(response.status == .ok, "\(response.text)")
        }
    }

    /// Also where the template says nothing of it.
    @Test(arguments: [(#""enable_thinking": false"#, false), (#""reasoning_effort": "none""#, false), ("", true)])
    func whereThinkingIsOffAFormHasNoThoughts(fields: String, thinks: Bool) async throws {
        let model = Self.model(thinks: true), thoughts = try #require(model.card.thoughts)
        try await served(model) { client in
            let form = #""guided_json": {"type": "integer"}"#
            let body = ChatTests.body(fields.isEmpty ? form : "\(form), \(fields)")
            let response = try await client.post(ChatTests.path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
        let constraint = try #require(model.watch.requests.first?.constraint)
        #expect(constraint.takes("7", whole: true))
        #expect(constraint.takes("\(thoughts.open)hm\(thoughts.close)7", whole: true) == thinks)
    }

    private static let harmlessChats: [(fields: String, named: String)] = [
        #""reasoning_effort": "none""#, #""enable_thinking": false"#, #""thinking": {"type": "disabled"}"#,
        #""thinking": {"type": "auto"}"#, #""thinking_budget": 0"#, #""reasoning_effort": null"#,
        #""reasoning_effort": "none", "enable_thinking": false, "thinking_budget": 0"#,
    ].map { ($0, "") }
    private static let harmlessOthers: [Case] = [
        ("/v1/responses", #""input": "Hi""#, #""reasoning": {"effort": "none"}"#, ""),
        ("/v1/responses", #""input": "Hi""#, #""reasoning": {"effort": null, "summary": "auto"}"#, ""),
        ("/v1/messages", turns + #", "max_tokens": 5"#, #""thinking": {"type": "disabled"}"#, ""),
        ("/v1/messages", turns + #", "max_tokens": 5"#, #""thinking": {"type": "adaptive"}"#, ""),
        ("/api/chat", turns, #""think": false"#, ""), ("/api/generate", #""prompt": "Hi""#, #""think": false"#, ""),
    ]

    static let harmless: [Case] = chats(harmlessChats) + harmlessOthers

    @Test(arguments: harmless.indices) func whatAsksForNoThoughtsIsTaken(index: Int) async throws {
        let (path, body, fields, _) = Self.harmless[index]
        try await served(Self.model(thinks: false)) { client in
            let response = try await client.post(path, "{\(body), \(fields)}")
            #expect(response.status == .ok, "\(response.text)")
        }
    }

    static let contradictions: [(fields: String, named: String)] = [
        (#""enable_thinking": true, "thinking": {"type": "disabled"}"#, "thinking.type"),
        (#""enable_thinking": false, "thinking": {"type": "enabled"}"#, "thinking.type"),
        (#""enable_thinking": true, "reasoning_effort": "none""#, "reasoning_effort"),
        (
            #""enable_thinking": true, "chat_template_kwargs": {"enable_thinking": false}"#,
            "chat_template_kwargs.enable_thinking"
        ),
        (#""thinking_budget": 7, "thinking": {"type": "enabled", "budget_tokens": 9}"#, "thinking_budget"),
        (#""enable_thinking": false, "reasoning_effort": "high""#, "reasoning_effort"),
        (#""chat_template_kwargs": {"enable_thinking": false}, "reasoning_effort": "low""#, "reasoning_effort"),
        (#""enable_thinking": false, "thinking_budget": 7"#, "thinking_budget"),
        (#""reasoning_effort": "none", "thinking_budget": 7"#, "thinking_budget"),
        (#""thinking": {"type": "disabled", "budget_tokens": 7}"#, "thinking.budget_tokens"),
    ]

    @Test(arguments: contradictions, chat)
    func onAndOffAtOnceIsRefused(asked: (fields: String, named: String), path: String) async throws {
        try await served(Self.model(thinks: true)) { client in
            let response = try await client.post(path, "{\(Self.turns), \(asked.fields)}")
            #expect(response.status == .badRequest && response.text.contains("'\(asked.named)'"), "\(response.text)")
        }
    }

    @Test func aResponseThatThinksNothingHasNoBudget() async throws {
        try await served(Self.model(thinks: true)) { client async throws in
            let body = #"{"input": "Hi", "reasoning": {"effort": "none"}, "thinking_budget": 7}"#
            #expect(try await client.post("/v1/responses", body).fault[0] == "thinking_budget")
        }
    }
}
