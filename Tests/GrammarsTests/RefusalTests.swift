import Grammars
import Testing
import Text

/// Every refusal of a schema says which keyword and where, what is too large as well.
@Suite struct RefusalTests {
    static let deep: JSON = (0..<300).reduce(["type": "integer"]) { inner, _ in ["type": "array", "items": inner] }
    static let many: JSON = .array((0..<200).map { ["const": .integer($0)] })
    static let longText: JSON = ["type": "string", "pattern": "^a", "maxLength": 30_000]
    static let ambiguous: JSON = ["type": "string", "pattern": "(a|b)*a(a|b){25}"]

    static let cases: [(schema: JSON, says: String)] = [
        (
            ["type": "number", "minimum": -1.23456789e-7, "maximum": 9.87654321e15],
            "'minimum' at # is too large: more than 17 digits before and behind the point together with 'maximum' at #"
        ),
        (["items": ["type": "number", "exclusiveMaximum": 1234567890.12345678]], "'exclusiveMaximum' at #/items"),
        (["properties": ["a": longText]], "'maxLength' at #/properties/a is too large"),
        (["items": ["type": "string", "format": "uuid", "minLength": 30_000]], "'minLength' at #/items is too large"),
        (["properties": ["b": ambiguous]], "the pattern at #/properties/b/pattern is too large"),
        (["properties": ["b": ["oneOf": many]]], "'oneOf' at #/properties/b/oneOf is too large"),
        (["properties": ["b": deep]], "the schema at #/properties/b/items/items"),
        (
            ["properties": ["c": ["type": "string", "pattern": "^(.{0,60}x){1,4}$", "maxLength": 900]]],
            "#/properties/c"
        ),
        (
            [
                "type": "object", "additionalProperties": true,
                "patternProperties": ["^(a|b)*a(a|b){11}$": true, "^(a|c)*c(a|c){11}$": true],
            ],
            "the schema at # (members, "
        ),
        (["anyOf": .array((0..<2000).map { _ in ["type": "integer"] })], "'anyOf' at #/anyOf is too large"),
    ]

    @Test(arguments: cases) func placesAreNamed(schema: JSON, says: String) {
        #expect {
            _ = try CompiledGrammar(SchemaCompiler.grammar(schema), for: Vocabularies.trie)
        } throws: {
            "\($0)".contains(says)
        }
    }

    @Test func placesAreThoseOfATool() {
        #expect {
            let tool: JSON = ["name": "f", "strict": true, "parameters": ["properties": ["a": Self.longText]]]
            let tools = [try Tool(JSONField(["type": "function", "function": tool]))]
            let calls = AnswerGrammar.Calls(form: AnswerTests.hermes, tools: tools, isRequired: true, isParallel: false)
            _ = try AnswerGrammar(.calls(calls), thoughts: nil, isThinking: false).grammar()
        } throws: {
            "\($0)".hasPrefix("'maxLength' at #/properties/a of the tool 'f' is too large")
        }
    }
}
