import Testing
import Text

/// Forms of calls, found by trying; and what is read of texts in them.
@Suite struct CallFormTests {
    static func form(_ name: String) throws -> CallForm { try template(name).calls }

    static func template(_ name: String) throws -> ChatTemplate {
        let golden = try ChatGolden.json("chat/\(name).json")
        return try ChatTemplate(
            ChatGolden.text("chat/\(name).jinja"),
            bosToken: golden["bos"]?.string ?? "",
            eosToken: golden["eos"]?.string ?? ""
        )
    }

    static let families = shown + GenericToolsTests.undeclared.map { (name: $0, marker: "<tool_call>") }
    static let shown: [(name: String, marker: String)] = [
        ("qwen2.5", "<tool_call>"), ("qwen2.5-coder", "<tool_call>"), ("qwen3", "<tool_call>"),
        ("qwen3-2507", "<tool_call>"),
        ("qwen3.6", "<tool_call>"), ("nemotron3", "<tool_call>"), ("glm4-moe", "<tool_call>"),
        ("exaone4", "<tool_call>"),
        ("deepseek-r1", "<｜tool▁calls▁begin｜>"), ("deepseek-v3", "<｜tool▁calls▁begin｜>"), ("jamba", "<tool_calls>"),
        ("mistral-nemo", "[TOOL_CALLS]"), ("mistral-v3", "[TOOL_CALLS]"), ("llama3.1", ""), ("llama3.2", ""),
        ("lfm2", "<|tool_call_start|>"), ("gemma4", "<|tool_call>"),
    ]

    static let call = Message.ToolCall(id: "abcdef123", name: "get_weather", arguments: ["city": "上海", "days": 3])
    static let second = Message.ToolCall(id: "abcdef456", name: "add", arguments: ["a": "x\ny"])

    @Test(arguments: families) func whatATemplateWritesIsReadBack(name: String, marker: String) throws {
        let template = try Self.template(name), form = template.calls
        #expect(form.marker == marker)
        let calls = form.join == nil ? [Self.call] : [Self.call, Self.second]
        let text = try Self.turn(template, calls)
        for size in [1, 2, 3, 7, 1000] {
            var reader = CallReader(form, thoughts: template.thoughts) { function, argument in argument != "days" }
            var events: [CallReader.Event] = []
            for piece in text.pieces(of: size) { events += reader.append(piece) }
            events += reader.finish()
            #expect(events.names == calls.map(\.name), "\(name) in pieces of \(size): \(events) of \(text)")
            for (index, call) in calls.enumerated() {
                #expect(try JSON(parsing: events.arguments(of: index)) == call.arguments, "\(name): \(events)")
            }
            #expect(events.words.allSatisfy { $0 == "\n" || $0 == " " }, "\(name): \(events.words)")
        }
    }

    static let memberFamilies = ["qwen3.6", "nemotron3", "glm4-moe"]

    /// A call without arguments is written as the template writes one, and read back, before others and alone.
    @Test(arguments: memberFamilies, [1, 3, 1000]) func aCallWithoutArgumentsIsReadBack(name: String, size: Int) throws
    {
        let template = try Self.template(name), form = template.calls
        let none = Message.ToolCall(id: "abcdef123", name: "now", arguments: [:])
        for calls in [[none], [none, none]] where calls.count == 1 || form.join != nil {
            let whole = try template.render(
                [.user("hello"), Message(.assistant, nil, toolCalls: calls)],
                addGenerationPrompt: false
            )
            let start = try #require(whole.firstRange(of: form.open + "now")).lowerBound, text = String(whole[start...])
            #expect(text.contains("now" + form.empty + form.close.before), "\(text), \(form)")
            var reader = CallReader(form, functions: ["now"]), events: [CallReader.Event] = []
            for piece in text.pieces(of: size) { events += reader.append(piece) }
            events += reader.finish()
            #expect(events.names == calls.map(\.name), "\(events) of \(text)")
            #expect(calls.indices.allSatisfy { events.arguments(of: $0) == "{}" }, "\(events) of \(text)")
        }
    }

    /// What the template makes of an assistant that calls, without what ends its turn.
    static func turn(_ template: ChatTemplate, _ calls: [Message.ToolCall]) throws -> String {
        let form = template.calls
        let text = try template.render(
            [.user("hello"), Message(.assistant, nil, toolCalls: calls)],
            addGenerationPrompt: false
        )
        let start = try #require(text.ranges(of: form.open).last { text[$0.upperBound...].contains("上海") }).lowerBound
        return String(text[start...])
    }

    @Test func whatQwenWritesIsThis() throws {
        let form = try Self.form("qwen2.5")
        #expect(form.open == "<tool_call>\n{\"name\": \"" && form.mid == .init("\", \"arguments\": "))
        #expect(
            form.join == .init("}\n</tool_call>\n<tool_call>\n{\"name\": \"") && form.close == .init("}\n</tool_call>")
        )
    }

    @Test(arguments: [1, 2, 5, 100]) func thoughtsWordsAndCallsAreToldApart(size: Int) throws {
        let text =
            "<think>\nI <b>think\n</think>\n\nLet me < see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"}<\"}}\n</tool_call>"
        var reader = CallReader(try Self.form("qwen3"), thoughts: .known[0]), events: [CallReader.Event] = []
        for piece in text.pieces(of: size) { events += reader.append(piece) }
        events += reader.finish()
        #expect(events.thoughts == "I <b>think" && events.words == "Let me < see.\n")
        #expect(events.names == ["f"] && events.arguments(of: 0) == "{\"a\": \"}<\"}")
    }

    @Test(arguments: [1, 3, 100]) func aCallWithoutItsMarkerIsOneToo(size: Int) throws {
        let call = "{\"name\": \"f\", \"arguments\": {\"a\": 1}}"
        for start in ["", "<think>so</think>\n\n"] {
            var reader = CallReader(try Self.form("qwen2.5"), thoughts: .known[0]), events: [CallReader.Event] = []
            for piece in (start + call).pieces(of: size) { events += reader.append(piece) }
            events += reader.finish()
            #expect(events.names == ["f"] && events.arguments(of: 0) == "{\"a\": 1}" && events.words.isEmpty)
        }
        var reader = CallReader(try Self.form("qwen2.5"))
        #expect((reader.append("{\"na") + reader.append("mes\": 1}") + reader.finish()).words == "{\"names\": 1}")
    }

    static let unmarked: [(text: String, functions: [String]?, needsMarker: Bool, isCall: Bool)] = [
        ("{\"name\": \"f\", \"arguments\": {}}", ["g", "f"], false, true),
        ("{\"name\": \"f\", \"arguments\": {}}", nil, false, true),
        ("{\"name\": \"Bob\", \"arguments\": {}}", ["f"], false, false), ("{\"name\": \"f\"}", ["f"], false, false),
        ("{\"name\": \"f\", \"arguments\": {}}", ["f"], true, false), ("{\"name\": \"fo", ["foo"], false, false),
        ("```json\n{\n  \"name\": \"f\",\n  \"arguments\": {\n    \"a\": 1\n  }\n}\n```\n", ["f"], false, true),
        ("```json\n{\"name\": \"f\", \"arguments\": {}}\n```", nil, false, true),
        ("```\n{ \"name\" :\t\"f\" , \"arguments\" : {} }", ["g", "f"], false, true),
        ("```json\n{\"name\": \"f\", \"arguments\": {}}\n```", ["f"], true, false),
        ("```json\n{\"name\": \"f\", \"age\": 7}\n```", ["f"], false, false),
        ("```json\n{\"name\": \"Bob\", \"arguments\": {}}\n```", ["f"], false, false),
        ("```swift\nf()\n```", ["f"], false, false), ("```json\n{\"na", nil, false, false),
    ]

    /// What begins as a call without its marker does is one only if there is such a function, and the marker may be left out.
    @Test(arguments: unmarked, [1, 4, 100])
    func onlyFunctionsAreCalled(
        example: (text: String, functions: [String]?, needsMarker: Bool, isCall: Bool),
        size: Int
    )
        throws
    {
        var form = try Self.form("qwen2.5")
        form.needsMarker = example.needsMarker
        var reader = CallReader(form, functions: example.functions), events: [CallReader.Event] = []
        for piece in example.text.pieces(of: size) { events += reader.append(piece) }
        events += reader.finish()
        #expect((events.names == ["f"]) == example.isCall && events.words == (example.isCall ? "" : example.text))
        #expect(events.arguments(of: 0).hasPrefix("{") == example.isCall)
    }

    private static let f = "{\"name\": \"f\", \"arguments\": {\"a\": 1}}"
    private static let g = "{ \"name\": \"g\",\n  \"arguments\": {\"b\": {}}}"
    static let several = [
        "```json\n\(f)\n\(g)\n```", "[\(f), \(g)]", "```\n[\n  \(f),\n\(g)\n]\n```\nSo",
        "```json\n\(f)\n```\n```json\n\(g)\n```", "\(f)\(g)",
    ]

    /// Calls without their marker may be several.
    @Test(arguments: several, [1, 4, 100]) func severalCallsWithoutTheirMarker(text: String, size: Int) throws {
        for functions in [["g", "f"], nil] {
            var reader = CallReader(try Self.form("qwen2.5-coder"), functions: functions)
            var events: [CallReader.Event] = []
            for piece in text.pieces(of: size) { events += reader.append(piece) }
            events += reader.finish()
            #expect(events.names == ["f", "g"] && events.words.isEmpty, "\(events)")
            #expect(events.arguments(of: 0) == "{\"a\": 1}" && events.arguments(of: 1) == "{\"b\": {}}")
        }
    }

    /// Of a call that was cut off before it was one, nothing is told: neither where it began, nor where nothing else may come.
    @Test(arguments: [("<tool_call>\n{\"na", false), ("<tool_c", true), ("<", true), ("<tool_call>", true)])
    func whatWasCutOffIsNoText(text: String, isCalling: Bool) throws {
        var reader = CallReader(try Self.form("qwen2.5"), functions: ["f"], isCalling: isCalling)
        #expect((reader.append(text) + reader.finish()).isEmpty)
    }

    static let ends: [(text: String, thoughts: String, words: String)] = [
        ("</think>\n\nHi", "", "Hi"), ("\n</think>Hi", "", "Hi"), ("<think>a</think>\n</think>\nHi", "a", "Hi"),
        ("<think>a</think>\n<think>b</think>Hi", "ab", "Hi"), ("<think>\n\n</think>\n\n</think>", "", ""),
        ("Say </think>, please", "", "Say </think>, please"), ("</thin", "", "</thin"), ("</thing>", "", "</thing>"),
    ]

    /// An end of thoughts before the first word is none of the answer's words, though nobody began them; within words it is one.
    @Test(arguments: ends, [1, 2, 5, 100])
    func anEndThatNobodyBeganIsNoWord(example: (text: String, thoughts: String, words: String), size: Int) throws {
        for form in try [nil, Self.form("qwen3")] {
            var reader = CallReader(form, thoughts: .known[0]), events: [CallReader.Event] = []
            for piece in example.text.pieces(of: size) { events += reader.append(piece) }
            events += reader.finish()
            #expect(events.thoughts == example.thoughts && events.words == example.words, "\(events)")
        }
    }

    @Test func whatOnlyLooksLikeAMarkerIsText() {
        var reader = CallReader(nil, thoughts: .known[0])
        #expect(reader.append("<thi").isEmpty)
        #expect((reader.append("s>") + reader.finish()).words == "<this>")
        var cut = CallReader(nil, thoughts: .known[0], isThinking: true)
        #expect((cut.append("a </thin") + cut.finish()).thoughts == "a </thin")
    }
}

extension String {
    /// Itself in pieces of so many characters.
    func pieces(of size: Int) -> [String] {
        var pieces: [String] = [], rest = self[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

extension [CallReader.Event] {
    var thoughts: String { compactMap { if case .thought(let text) = $0 { text } else { nil } }.joined() }
    var words: String { compactMap { if case .words(let text) = $0 { text } else { nil } }.joined() }
    var names: [String] { compactMap { if case .call(_, let name) = $0 { name } else { nil } } }

    func arguments(of call: Int) -> String {
        compactMap { if case .arguments(call, let text) = $0 { text } else { nil } }.joined()
    }
}
