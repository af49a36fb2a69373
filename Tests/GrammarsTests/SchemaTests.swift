import Foundation
import Grammars
import Testing
import Text

/// Schemas: which texts are of the grammar, and what is refused. The cases are in `Tests/Golden/Grammars/schemas.json`.
@Suite struct SchemaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let schema: JSON, valid: [String], invalid: [String], reason: String

        init(_ json: JSON) {
            schema = json["schema"] ?? .null
            valid = json["valid"]?.array?.compactMap(\.string) ?? []
            invalid = json["invalid"]?.array?.compactMap(\.string) ?? []
            reason = json["reason"]?.string ?? ""
        }

        var testDescription: String { schema.text() }
    }

    static func cases(_ name: String) -> [Case] {
        let file = URL(filePath: #filePath).appending(path: "../../Golden/Grammars/schemas.json").standardized
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return (try? JSON(parsing: text))?[name]?.array?.map(Case.init) ?? []
    }

    @Test func thereAreCases() { #expect(Self.cases("taken").count > 30 && Self.cases("refused").count > 15) }

    @Test(arguments: cases("taken")) func textsAreOfTheGrammarIfTheyAreValid(example: Case) throws {
        let grammar = try SchemaCompiler.grammar(example.schema)
        for text in example.valid { #expect(try Matcher.takes(text, grammar), "\(text)") }
        for text in example.invalid { #expect(try !Matcher.takes(text, grammar), "\(text)") }
    }

    @Test(arguments: cases("taken"), 0..<3) func whatIsWrittenIsValid(example: Case, seed: Int) throws {
        guard let text = try randomText(SchemaCompiler.grammar(example.schema), seed: seed, most: 120) else { return }
        #expect(throws: Never.self) { try JSON(parsing: text) }
        #expect(try Judge(example.schema).accepts(JSON(parsing: text)), "\(text)")
    }

    static let strange: [JSON] = [
        ["type": "string", "colour": "red"], ["type": "string", "optional": true], ["properties": ["a": ["min": 1]]],
    ]

    @Test(arguments: strange)
    func strictSchemasHaveNoWordsOfTheirOwn(schema: JSON) throws {
        _ = try SchemaCompiler.grammar(schema)
        #expect(throws: GrammarError.self) { try SchemaCompiler.grammar(schema, .strict) }
    }

    @Test(arguments: cases("refused")) func whatCannotBeKeptIsRefusedByName(example: Case) {
        #expect {
            _ = try Matcher(SchemaCompiler.grammar(example.schema))
        } throws: {
            "\($0)".contains(example.reason)
        }
    }
}
