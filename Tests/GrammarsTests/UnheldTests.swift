import Grammars
import Testing
import Text

/// What schemas of tools that are not strict ask for in vain.
@Suite struct UnheldTests {
    /// By name and place, in whatever schema they are; a property may be called as they are.
    @Test func whatIsLeftToTheModelIsTold() throws {
        let inner: JSON = ["type": "array", "uniqueItems": true, "items": ["pattern": "(?=a)", "enum": [["not": 1]]]]
        let schema: JSON = [
            "properties": ["not": inner, "if": ["anyOf": [["not": [:]], ["maxItems": 1, "uniqueItems": true]]]],
            "$defs": ["a": ["contains": [:], "pattern": "a+"]], "default": ["if": [:]],
        ]
        let places = [
            "properties.not.uniqueItems", "properties.not.items.pattern", "properties.if.anyOf[0].not",
            "$defs.a.contains",
        ]
        #expect(Tool(name: "f", parameters: schema).unheldKeywords == places)
        #expect(Tool(name: "f").unheldKeywords == [])
        let strict: JSON = ["type": "function", "function": ["name": "f", "strict": true, "parameters": schema]]
        #expect(try Tool(JSONField(strict)).unheldKeywords == [])
    }

    /// Of a tool's schema, and what of it is left to the model.
    static let passedOver: [(schema: JSON, places: [String])] = [
        (["properties": ["x": true, "y": true], "oneOf": [["required": ["x"]], ["required": ["y"]]]], ["oneOf"]),
        (["oneOf": [["required": ["x"]], ["required": ["y"]]]], ["oneOf"]),
        (
            [
                "oneOf": [
                    ["properties": ["k": ["const": 1]], "required": ["k"]],
                    ["properties": ["k": ["const": 2]], "required": ["k"]],
                ]
            ], []
        ),
        (["properties": ["a": ["type": "string", "format": "banana"]]], ["properties.a.format"]),
        (["properties": ["a": ["type": "string", "format": "iri-reference"]]], ["properties.a.format"]),
        (["properties": ["a": ["type": "string", "format": "date"], "b": ["format": "int32"]]], []),
        (["properties": ["a": true, "b": true, "c": true], "minProperties": 2], ["minProperties"]),
        (["properties": ["a": true, "b": true, "c": true], "maxProperties": 2], ["maxProperties"]),
        (["allOf": [["properties": ["a": true, "b": true]], ["maxProperties": 1]]], ["allOf"]),
        (["required": ["a", "b"], "minProperties": 2], []), (["maxProperties": 2, "minProperties": 1], []),
        (["patternProperties": ["^(?!x)": ["type": "integer"]]], ["patternProperties"]),
        (
            ["patternProperties": ["^(?!x)": true], "additionalProperties": false],
            ["patternProperties", "additionalProperties"]
        ),
        (["patternProperties": ["^x": ["not": [:]]], "additionalProperties": false], ["patternProperties.^x.not"]),
        (["properties": ["a": ["$ref": "https://a.b/c.json"]]], ["properties.a.$ref"]),
        (["$id": "https://a.b/c", "$defs": ["d": true], "$ref": "https://a.b/c#/$defs/d"], []),
        (["properties": ["a": ["multipleOf": 1.234567e-7]]], ["properties.a.multipleOf"]),
        (["properties": ["a": ["multipleOf": 0.25], "b": ["type": "integer", "multipleOf": 1e-15]]], []),
        (["properties": ["a": true], "unevaluatedProperties": ["type": "string"]], ["unevaluatedProperties"]),
        (["properties": ["a": ["enum": ["b"], "nullable": true]]], ["properties.a.nullable"]),
        (["properties": ["b": ["properties": ["c": ["not": [:]]]]]], ["properties.b.properties.c.not"]),
    ]

    static let deep: JSON = (0..<300).reduce(["type": "integer"]) { inner, _ in ["type": "array", "items": inner] }

    /// Of a tool's schema, and what the grammar leaves to the model, in forms that write arguments as one object and one by one.
    static let leftOut: [(schema: JSON, ofJSON: [String], ofMembers: [String])] = [
        (["properties": ["a": deep, "b": ["type": "integer"]]], [""], ["properties.a"]),
        (
            ["properties": ["a": ["type": "integer"]], "anyOf": [["required": ["a"]], ["required": ["b"]]]], [],
            ["anyOf"]
        ),
        (["properties": ["a": ["type": "integer"]]], [], []),
    ]

    @Test(arguments: leftOut)
    func whatTheGrammarLeavesOutIsTold(example: (schema: JSON, ofJSON: [String], ofMembers: [String])) throws {
        for (form, places) in [(AnswerTests.hermes, example.ofJSON), (AnswerTests.glm, example.ofMembers)] {
            let grammar = try AnswerTests.grammar(form, example.schema, isStrict: false)
            #expect(grammar.leftOut.map(\.place) == places && grammar.leftOut.allSatisfy { $0.tool == "f" })
        }
    }

    @Test(arguments: passedOver)
    func whatIsLeftToTheModelIsServedAndToldByPlace(passed: (schema: JSON, places: [String])) throws {
        #expect(Tool(name: "f", parameters: passed.schema).unheldKeywords == passed.places)
        for form in [AnswerTests.hermes, AnswerTests.glm] {
            _ = try AnswerTests.grammar(form, passed.schema, isStrict: false)
        }
        guard !passed.places.isEmpty else { return }
        #expect(throws: GrammarError.self) {
            try AnswerTests.grammar(AnswerTests.hermes, passed.schema, isStrict: true)
        }
    }
}
