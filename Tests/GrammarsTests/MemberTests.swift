import Grammars
import Testing
import Text

/// Arguments that are written one by one: what the schema says of them, wherever it does.
@Suite struct MemberTests {
    static let forms = [AnswerTests.glm, AnswerTests.lfm, AnswerTests.gemma]

    private static func grammar(_ parameters: JSON, _ form: CallForm, isStrict: Bool = true) throws -> Grammar {
        let function: JSON = ["name": "f", "strict": .bool(isStrict), "parameters": parameters]
        let tools = [try Tool(JSONField(["type": "function", "function": function]))]
        let calls = AnswerGrammar.Calls(form: form, tools: tools, isRequired: true, isParallel: false)
        return try AnswerGrammar(.calls(calls), thoughts: nil, isThinking: false).grammar()
    }

    /// One that has an argument of its own and one from elsewhere.
    static let schemas: [JSON] = [
        ["allOf": [["properties": ["a": ["type": "string"]], "required": ["a"]]]],
        ["$ref": "#/$defs/x", "$defs": ["x": ["properties": ["a": ["type": "string"]], "required": ["a"]]]],
        ["properties": ["b": ["type": "boolean"]], "required": ["a"], "additionalProperties": ["type": "string"]],
    ]

    @Test(arguments: schemas, forms) func argumentsFromElsewhereAreAskedFor(schema: JSON, form: CallForm) throws {
        let grammar = try Self.grammar(schema, form)
        let texts = [
            "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>x</arg_value>\n</tool_call>",
            "<|tool_call_start|>[f(a='x')]<|tool_call_end|>", "<|tool_call>call:f{a:<|\"|>x<|\"|>}<tool_call|>",
        ]
        let empty = [
            "<tool_call>f</tool_call>", "<|tool_call_start|>[f()]<|tool_call_end|>", "<|tool_call>call:f{}<tool_call|>",
        ]
        let place = try #require(Self.forms.firstIndex(of: form))
        #expect(try Matcher.takes(texts[place], grammar) && !Matcher.takes(empty[place], grammar))
    }

    static let refused: [(schema: JSON, says: String)] = [
        (["anyOf": [["required": ["a"]], ["required": ["b"]]]], "'anyOf' at #"),
        (["properties": ["a": true, "b": true], "maxProperties": 1], "'maxProperties' at #"),
        (["properties": ["a": true], "minProperties": 2], "'minProperties' at #"),
    ]

    @Test(arguments: refused, forms)
    func whatCannotBeKeptOfAStrictToolIsRefused(refused: (schema: JSON, says: String), form: CallForm) throws {
        #expect { _ = try Self.grammar(refused.schema, form) } throws: { "\($0)".contains(refused.says) }
        _ = try Self.grammar(refused.schema, form, isStrict: false)
    }

    /// What one schema forbids and another asks for cannot be.
    @Test(arguments: forms) func whatIsForbiddenAndRequiredIsRefused(form: CallForm) throws {
        let closed: JSON = ["properties": ["a": ["type": "string"]], "additionalProperties": false]
        let asking: JSON = ["properties": ["l": ["type": "string"]], "required": ["l"]]
        #expect(throws: GrammarError.self) { _ = try Matcher(Self.grammar(["allOf": [closed, asking]], form)) }
        _ = try Matcher(Self.grammar(["allOf": [closed, ["required": ["a"]]]], form))
    }

    /// The end of values may begin within a value that looks like most of it.
    @Test func textsEndWhereTheyAreReadToEnd() throws {
        var form = AnswerTests.glm
        form.close = .init("/tool_call>")
        form.arguments = .members(head: "<k>", keyed: "</k><v>", between: "</v>\n<k>", tail: "</v>\n<")
        let grammar = try Self.grammar(["properties": ["a": ["type": "string"]], "required": ["a"]], form)
        let start = "<tool_call>f<k>a</k><v>", end = "</v>\n</tool_call>"
        for text in ["", "x", "</v>", "</v>\n ", "</v", "<"] {
            #expect(try Matcher.takes(start + text + end, grammar), "\(text)")
        }
        #expect(try !Matcher.takes(start + "</v>\n" + end, grammar))
        #expect(try !Matcher.takes(start + "</v>\n<" + end, grammar))
    }

    @Test func valuesOfAnEnumKeepWhatElseIsAsked() throws {
        let property: JSON = ["type": "string", "enum": ["a", "bcd"], "minLength": 2]
        let grammar = try Self.grammar(["properties": ["a": property], "required": ["a"]], AnswerTests.glm)
        let start = "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>", end = "</arg_value>\n</tool_call>"
        #expect(try Matcher.takes(start + "bcd" + end, grammar) && !Matcher.takes(start + "a" + end, grammar))
    }
}
