import Grammars
import Testing
import Text

/// Schemas, patterns and grammars that are made to take long, or too much: refused or followed, within seconds.
@Suite(.timeLimit(.minutes(2))) struct HostileTests {
    static let bomb: JSON = .object(
        OrderedObject(
            (0..<40).map { level in
                let next: JSON = ["$ref": .string("#/$defs/a\(level + 1)")]
                return ("a\(level)", ["allOf": [next, next]])
            } + [("a40", ["type": "integer"])]
        )
    )

    static func nested(_ keyword: String) -> JSON {
        var schema: JSON = ["type": "integer"]
        for _ in 0..<7 { schema = .object([keyword: .array([schema, schema])]) }
        return schema
    }

    static let schemas: [JSON] = [
        ["$defs": bomb, "$ref": "#/$defs/a0"], nested("anyOf"), nested("allOf"), nested("oneOf"),
        ["enum": .array((0..<1000).map { .string("value \($0) of many") })],
        [
            "type": "object",
            "properties": .object(
                OrderedObject((0..<100).map { ("p\($0)", ["type": "string", "maxLength": .integer($0)]) })
            ),
        ],
        [
            "type": "array",
            "items": [
                "type": "array", "items": ["type": "string", "maxLength": 1_000_000_000], "maxItems": 1_000_000_000,
            ],
        ],
        ["type": "string", "pattern": "(a|aa)+$", "minLength": 500],
        ["type": "string", "pattern": "^((a?){40}){40}$"],
        ["type": "string", "pattern": "(a|b)*a(a|b){25}"],
        ["type": "string", "pattern": "^(.{0,60}x){1,4}$", "maxLength": 90],
        ["oneOf": .array((0..<200).map { ["const": .integer($0)] })],
    ]

    @Test(arguments: schemas) func schemasAreRefusedOrFollowed(schema: JSON) throws {
        let start = ContinuousClock.now
        if let grammar = try? SchemaCompiler.grammar(schema),
            let compiled = try? CompiledGrammar(grammar, for: Vocabularies.trie)
        {
            compiled.prepare()
            var matcher = Matcher(compiled)
            #expect(!matcher.mask().isEmpty)
        }
        #expect(start.duration(to: .now) < .seconds(60))
    }

    @Test(
        arguments: [
            #"root ::= ([a-z]{1,9}){1,9}"#, #"root ::= s  s ::= "a" s? "a"? s?"#,
            #"root ::= (a | a | a)*  a ::= [a-z]+"#,
        ]
    )
    func ambiguousGrammarsNeverLie(source: String) throws {
        var matcher = try Matcher(MaskTests.grammar(source)), dice = Dice(seed: 5)
        for _ in 0..<6 {
            let tokens = matcher.mask().tokens.filter { $0 != Vocabularies.end }
            guard let token = tokens.randomElement(using: &dice) else { break }
            let isTaken = matcher.accept(token)
            #expect(isTaken)
        }
    }
}
