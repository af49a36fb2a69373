import Grammars
import Testing
import Text

/// Answers with thoughts and calls: what is written is read back, and its arguments are valid.
@Suite struct AnswerTests {
    static let hermes = CallForm(
        open: "<tool_call>\n{\"name\": \"",
        mid: .init("\", \"arguments\": "),
        close: .init("}\n</tool_call>"),
        join: .init("}\n</tool_call>\n<tool_call>\n{\"name\": \"")
    )
    static let mistral = CallForm(
        open: "[TOOL_CALLS][{\"name\": \"",
        mid: .init("\", \"arguments\": "),
        close: .init(", \"id\": \"", "\"}]"),
        join: .init(", \"id\": \"", "\"}, {\"name\": \"")
    )
    static let llama = CallForm(open: "{\"name\": \"", mid: .init("\", \"parameters\": "), close: .init("}"))
    static let glm = CallForm(
        open: "<tool_call>",
        mid: .init(""),
        close: .init("</tool_call>"),
        join: .init("</tool_call>\n<tool_call>"),
        arguments: .members(
            head: "\n<arg_key>",
            keyed: "</arg_key>\n<arg_value>",
            between: "</arg_value>\n<arg_key>",
            tail: "</arg_value>\n"
        )
    )
    static let forms = [hermes, mistral, llama, glm]

    static let tools = [
        Tool(
            name: "weather",
            parameters: [
                "type": "object",
                "properties": [
                    "city": ["type": "string"], "days": ["type": "integer", "maximum": 9],
                    "unit": ["enum": ["c", "f"]],
                ],
                "required": ["city"],
            ]
        ),
        Tool(name: "now"),
        Tool(
            name: "sum",
            parameters: ["properties": ["of": ["type": "array", "items": ["type": "integer"], "maxItems": 3]]]
        ),
    ]

    static func calls(_ form: CallForm, isRequired: Bool = true, isParallel: Bool = true) -> AnswerGrammar.Body {
        .calls(.init(form: form, tools: tools, isRequired: isRequired, isParallel: isParallel))
    }

    @Test(arguments: forms, 0..<6) func whatIsWrittenIsReadBackAndValid(form: CallForm, seed: Int) throws {
        let grammar = try AnswerGrammar(Self.calls(form), thoughts: nil, isThinking: false).grammar()
        guard let text = try randomText(grammar, seed: seed, checks: false, most: 300) else { return }
        let isText = { @Sendable (name: String, argument: String) in
            Self.tools.first { $0.name == name }?.isText(argument) ?? true
        }
        var reader = CallReader(form, isText: isText)
        let events = reader.append(text) + reader.finish()
        #expect(
            reader.count > 0 && !events.contains { if case .words = $0 { true } else { false } },
            "\(text): \(events)"
        )
        for index in 0..<reader.count {
            let name = events.compactMap { if case .call(index, let name) = $0 { name } else { nil } }.first
            let arguments = events.compactMap { if case .arguments(index, let text) = $0 { text } else { nil } }
                .joined()
            let tool = try #require(Self.tools.first { $0.name == name }, "\(text)")
            let value = try JSON(parsing: arguments)
            #expect(Judge(tool.parameters ?? true).accepts(value), "\(text): \(arguments)")
            #expect(value.object?.keys.allSatisfy { tool.parameters?["properties"]?[$0] != nil } == true, "\(text)")
        }
    }

    @Test(arguments: forms, 0..<4) func masksAgreeWithTryingEachToken(form: CallForm, seed: Int) throws {
        let body = Self.calls(form, isRequired: seed % 2 == 0)
        let grammar = try AnswerGrammar(body, thoughts: .known[0], isThinking: seed > 1).grammar()
        _ = try randomText(grammar, seed: seed, most: 60)
    }

    static let texts: [(text: String, form: CallForm, isTaken: Bool)] = [
        ("Hello.", hermes, true), ("a <tool> b", hermes, true), ("x <tool_call>", hermes, false),
        ("Let me see.\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", hermes, true),
        ("<tool_call>\n{\"name\": \"never\", \"arguments\": {}}\n</tool_call>", hermes, false),
        ("<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call> and more", hermes, false),
        ("{\"name\": \"now\", \"parameters\": {}}", llama, true),
        ("{\"name\": \"now\", \"arguments\": {}}", hermes, true), ("{\"name\": \"then\"", hermes, false),
        (" {\"name\": \"", hermes, false), ("{\"names\": 1}", hermes, true), ("{\"a\": 1}", llama, false),
        ("No braces {first}.", llama, true),
    ]

    @Test(arguments: texts) func wordsMayComeBeforeCallsAndNothingBehind(text: String, form: CallForm, isTaken: Bool)
        throws
    {
        let grammar = try AnswerGrammar(Self.calls(form, isRequired: false), thoughts: nil, isThinking: false).grammar()
        #expect(try Matcher.takes(text, grammar) == isTaken, "\(text)")
    }

    @Test func thoughtsComeBeforeWhatIsHeld() throws {
        let held = AnswerGrammar.Body.held(try SchemaCompiler.grammar(["type": "integer"]))
        let free = try AnswerGrammar(held, thoughts: .known[0], isThinking: false).grammar()
        #expect(try Matcher.takes("<think>\na < b\n</think>\n\n12", free) && Matcher.takes("12", free))
        #expect(try !Matcher.takes("well, 12", free) && !Matcher.takes("<think>12", free))
        let within = AnswerGrammar(held, thoughts: .known[0], isThinking: true)
        #expect(try Matcher.takes("so\n</think>\n12", within.grammar()) && !Matcher.takes("12", within.grammar()))
        #expect(try Matcher.takes("</think>\n\n12", within.grammarAfterThoughts()))
    }

    @Test func aStrictToolIsKeptToTheLetterOrRefused() throws {
        let parameters: JSON = ["type": "object", "properties": ["a": ["not": [:]]]]
        func body(_ tool: Tool) -> AnswerGrammar.Body {
            .calls(.init(form: Self.hermes, tools: [tool], isRequired: true, isParallel: false))
        }
        let strict: JSON = ["type": "function", "function": ["name": "f", "strict": true, "parameters": parameters]]
        let lenient = try AnswerGrammar(body(Tool(name: "f", parameters: parameters)), thoughts: nil, isThinking: false)
            .grammar()
        #expect(try Matcher.takes("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call>", lenient))
        #expect(throws: GrammarError.self) {
            try AnswerGrammar(body(Tool(JSONField(strict))), thoughts: nil, isThinking: false).grammar()
        }
    }
}
