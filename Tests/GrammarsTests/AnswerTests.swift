import Foundation
import Grammars
import Testing
import Text

/// Answers with thoughts and calls: what is written is read back, and its arguments are valid.
@Suite struct AnswerTests {
    static let hermes = CallForm.hermes
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
    static let lfm = CallForm(
        open: "<|tool_call_start|>[",
        mid: .init(""),
        close: .init("]<|tool_call_end|>"),
        join: .init(", "),
        arguments: .values(
            head: "(",
            keyed: "=",
            between: ", ",
            tail: ")",
            .init(quote: "'", isEscaped: true, yes: "True", no: "False", nothing: "None", nestsJSON: true)
        )
    )
    static let gemma = CallForm(
        open: "<|tool_call>call:",
        mid: .init(""),
        close: .init("<tool_call|>"),
        join: .init("<tool_call|><|tool_call>call:"),
        arguments: .values(
            head: "{",
            keyed: ":",
            between: ",",
            tail: "}",
            .init(quote: "<|\"|>", isEscaped: false, nestsJSON: false)
        )
    )
    static let forms = [hermes, mistral, llama, glm, lfm, gemma, .harmony]

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
        Tool(
            name: "note",
            parameters: [
                "type": "object",
                "properties": [
                    "text": ["type": "string", "minLength": 1, "maxLength": 4], "done": ["type": "boolean"],
                    "tags": ["type": "array", "items": ["enum": ["it's", "b\\"]], "maxItems": 2],
                    "more": [
                        "type": ["object", "null"],
                        "properties": [
                            "on": ["type": "boolean"], "of": ["type": "string", "pattern": "^[a-c']{1,3}$"],
                        ],
                        "required": ["on"],
                    ],
                ],
                "required": ["done"],
            ]
        ),
    ]

    static func calls(_ form: CallForm, isRequired: Bool = true, isParallel: Bool = true) -> AnswerGrammar.Body {
        .calls(.init(form: form, tools: tools, isRequired: isRequired, isParallel: isParallel))
    }

    @Test(arguments: forms, 0..<12) func whatIsWrittenIsReadBackAndValid(form: CallForm, seed: Int) throws {
        let grammar = try AnswerGrammar(Self.calls(form), thoughts: nil, isThinking: false).grammar()
        guard let text = try randomText(grammar, seed: seed, checks: false, most: 300) else { return }
        let isText = { @Sendable (name: String, argument: String) in
            Self.tools.first { $0.name == name }?.isText(argument) ?? true
        }
        var reader = CallReader(form, thoughts: form == .harmony ? .harmony : nil, isText: isText)
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

    @Test func harmonysMessagesAreHeld() throws {
        let held = AnswerGrammar.Body.held(try SchemaCompiler.grammar(["type": "integer"]))
        let form = try AnswerGrammar(held, thoughts: .harmony, isThinking: false).grammar()
        let analysis = "<|channel|>analysis<|message|>so < <|end|><|start|>assistant",
            final = "<|channel|>final<|message|>"
        #expect(try Matcher.takes(analysis + final + "12", form) && Matcher.takes(final + "12", form))
        #expect(try !Matcher.takes("12", form) && !Matcher.takes(analysis + "12", form))
        let calls = try AnswerGrammar(Self.calls(.harmony, isRequired: false), thoughts: .harmony, isThinking: false)
            .grammar()
        let head = "<|channel|>commentary to=functions.now <|constrain|>json<|message|>"
        #expect(try Matcher.takes(analysis + head + "{}", calls) && Matcher.takes(final + "Hello.", calls))
        let before = "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant"
        #expect(try Matcher.takes(before + head + "{}", calls) && !Matcher.takes(before, calls))
        #expect(try !Matcher.takes(final + "a<|end|>", calls) && !Matcher.takes(head + "{\"x\": 1}", calls))
        let must = AnswerGrammar(Self.calls(.harmony), thoughts: .harmony, isThinking: false)
        #expect(try !Matcher.takes(final + "Hello.", must.grammar()) && Matcher.takes(head + "{}", must.grammar()))
        let behind = try must.grammarAfterThoughts()
        #expect(try Matcher.takes("<|end|><|start|>assistant" + head + "{}", behind))
    }

    @Test(arguments: forms, 0..<4) func masksAgreeWithTryingEachToken(form: CallForm, seed: Int) throws {
        let body = Self.calls(form, isRequired: seed % 2 == 0)
        let grammar = try AnswerGrammar(body, thoughts: .known[0], isThinking: seed > 1).grammar()
        _ = try randomText(grammar, seed: seed, most: 60)
    }

    private static let bare = "{\"name\": \"now\", \"arguments\": {}}"
    static let texts: [(text: String, form: CallForm, isTaken: Bool)] = [
        ("Hello.", hermes, true), ("a <tool> b", hermes, true), ("x <tool_call>", hermes, false),
        ("Let me see.\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", hermes, true),
        ("<tool_call>\n{\"name\": \"never\", \"arguments\": {}}\n</tool_call>", hermes, false),
        ("<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call> and more", hermes, false),
        ("{\"name\": \"now\", \"parameters\": {}}", llama, true),
        ("{\"name\": \"now\", \"arguments\": {}}", hermes, true), ("{\"name\": \"Bob\", \"age\": 5}", hermes, true),
        (" {\"name\": \"now\", \"arguments\": none", hermes, false), ("{\"names\": 1}", hermes, true),
        ("{\"name\": \"Bob\"}", llama, true), ("{\"name\": \"now\", \"parameters\": none", llama, false),
        ("No braces {first}.", llama, true),
        ("```json\n{\n  \"name\": \"now\",\n  \"arguments\": {}\n}\n```", hermes, true),
        ("```\n{\"name\":\"now\",\"arguments\":{}}", hermes, true),
        ("```json\n{\n  \"name\": \"now\",\n  \"arguments\": 7\n}\n```", hermes, false),
        ("```json\n{\n  \"name\": \"Bob\",\n  \"arguments\": 7\n}\n```", hermes, true),
        ("```json\n{\n  \"name\": \"now\",\n  \"age\": 7\n}\n```", hermes, true),
        ("```json\n\(bare)\n\(bare)\n```", hermes, true), ("[\(bare), \(bare)]", hermes, true),
        ("```json\n[\n  \(bare),\n  {\"name\": \"now\", \"arguments\": 7}]", hermes, false),
        ("```json\n\(bare)\n```\n```json\n\(bare)\n```", hermes, true), ("\(bare) and", hermes, false),
        ("[{\"name\": \"now\", \"parameters\": {}}, {\"name\": \"now\"}]", llama, false),
        ("[{\"name\": \"Bob\"}, 7]", hermes, true), ("```swift\nlet a = 1\n```", hermes, true),
        ("{ \"name\" : \"now\", \"parameters\": {} }", llama, true),
        ("{ \"name\" : \"now\", \"parameters\": [] }", llama, false),
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
        let behind = try AnswerGrammar(held, thoughts: .known[0], isThinking: false, isThoughtOver: true).grammar()
        #expect(try Matcher.takes("12", behind) && !Matcher.takes("<think>\nso</think>\n\n12", behind))
    }

    static func grammar(_ form: CallForm, _ parameters: JSON, isStrict: Bool) throws -> Grammar {
        let function: JSON = ["name": "f", "strict": .bool(isStrict), "parameters": parameters]
        let tool = try Tool(JSONField(["type": "function", "function": function]))
        let body = AnswerGrammar.Body.calls(.init(form: form, tools: [tool], isRequired: true, isParallel: false))
        return try AnswerGrammar(body, thoughts: nil, isThinking: false).grammar()
    }

    static let wrong: [(property: JSON, says: String)] = [
        (["tpye": "string"], "did you mean 'type'?"), (["type": "text"], "'type' must be one of"),
        (["type": "string", "format": "datetime"], "'date-time'"), (["const": 1e30], "'const'"),
    ]

    static let unkept: [(property: JSON, says: String)] = [
        (["type": "string", "not": ["const": "b"]], "'not' at #/properties/a of the tool 'f'"),
        (["type": "string", "pattern": "(?=a)"], "#/properties/a/pattern of the tool 'f'"),
        (["type": "string", "if": [:], "then": [:]], "'if'"),
        (["type": "string", "$dynamicRef": "#b"], "'$dynamicRef'"),
        (["oneOf": [["type": "string"], ["type": "string", "minLength": 1]]], "'oneOf'"),
    ]

    private static let unkeptLists: [(property: JSON, says: String)] = [
        (["type": "array", "uniqueItems": true], "'uniqueItems'"), (["type": "array", "contains": [:]], "'contains'"),
        (["type": "object", "dependentRequired": ["b": ["c"]]], "'dependentRequired'"),
    ]

    @Test(arguments: wrong + unkept + unkeptLists, [hermes, glm])
    func whatCannotBeKeptOfAStrictToolIsRefusedByName(unkept: (property: JSON, says: String), form: CallForm) {
        #expect {
            try Self.grammar(form, ["properties": ["a": unkept.property]], isStrict: true)
        } throws: {
            "\($0)".contains(unkept.says)
        }
    }

    @Test(arguments: wrong, [hermes, glm])
    func whatIsWrongIsRefusedByNameOfAnyTool(wrong: (property: JSON, says: String), form: CallForm) {
        #expect {
            try Self.grammar(form, ["properties": ["a": wrong.property]], isStrict: false)
        } throws: {
            "\($0)".contains(wrong.says)
        }
    }

    /// The property is a text, whatever else is asked of it.
    @Test(arguments: unkept)
    func whatCannotBeKeptOfAnotherToolIsLeftToTheModel(unkept: (property: JSON, says: String)) throws {
        let schema: JSON = ["properties": ["a": unkept.property], "required": ["a"]]
        let grammar = try Self.grammar(Self.hermes, schema, isStrict: false)
        for (value, isTaken) in [("\"b\"", true), ("7", false)] {
            let text = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \(value)}}\n</tool_call>"
            #expect(try Matcher.takes(text, grammar) == isTaken, "\(text)")
        }
        _ = try Self.grammar(Self.glm, schema, isStrict: false)
    }

    @Test(arguments: [hermes, glm]) func whatNoDraftHasIsRefusedOnlyWhereItIsStrict(form: CallForm) throws {
        for property: JSON in [["type": "string", "colour": "red"], ["type": "string", "format": "colour"]] {
            _ = try Self.grammar(form, ["properties": ["a": property]], isStrict: false)
            #expect(throws: GrammarError.self) {
                try Self.grammar(form, ["properties": ["a": property]], isStrict: true)
            }
        }
    }

    @Test func whatTakesTooLongIsLeftToTheCaller() throws {
        let parameters: JSON = [
            "properties": [
                "a": (0..<300).reduce(["type": "integer"]) { inner, _ in ["type": "array", "items": inner] }
            ]
        ]
        let grammar = try Self.grammar(Self.hermes, parameters, isStrict: false)
        #expect(try Matcher.takes("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call>", grammar))
        #expect(throws: GrammarError.self) { try Self.grammar(Self.hermes, parameters, isStrict: true) }
    }

    /// Schemas as the tools of the Berkeley Function-Calling Leaderboard have them, one for each set of keywords.
    @Test func toolsOfTheWildAreTaken() throws {
        let file = URL(filePath: #filePath).appending(path: "../../Golden/Grammars/tools.json").standardized
        let schemas = try JSON(parsing: Data(contentsOf: file)).array ?? []
        #expect(schemas.count > 30)
        for schema in schemas { _ = try Self.grammar(Self.hermes, schema, isStrict: false) }
    }
}
