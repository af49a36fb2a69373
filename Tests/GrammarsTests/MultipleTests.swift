import Foundation
import Grammars
import Testing
import Text

/// `multipleOf`, against exact decimal arithmetic.
@Suite struct MultipleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let schema: JSON, valid: [String], invalid: [String]

        init(_ schema: JSON, _ valid: [String], not invalid: [String]) {
            (self.schema, self.valid, self.invalid) = (schema, valid, invalid)
        }

        var testDescription: String { schema.text() }

        /// Whether a text is a multiple within the bounds, by the digits of both.
        func holds(_ text: String) -> Bool {
            guard let number = Decimal(string: text) else { return false }
            return number.isMultiple(of: decimal("multipleOf") ?? number) && number >= decimal("minimum") ?? number
                && number <= decimal("maximum") ?? number && decimal("exclusiveMinimum").map { $0 < number } ?? true
                && decimal("exclusiveMaximum").map { number < $0 } ?? true
                && (schema["type"] != "integer" || number.isMultiple(of: 1))
        }

        private func decimal(_ keyword: String) -> Decimal? { schema[keyword].flatMap { Decimal(string: $0.text()) } }
    }

    static let cases = [
        Case(
            ["type": "number", "multipleOf": 0.01],
            ["0", "0.07", "-3.1", "19.99", "120"],
            not: ["0.001", "1e2", "1."]
        ),
        Case(
            ["type": "number", "multipleOf": 0.25],
            ["0.25", "-1.5", "2.75", "10", "0.5"],
            not: ["0.2", "0.35", "1.26"]
        ),
        Case(["type": "number", "multipleOf": 0.5], ["0.5", "7", "-7.5", "3.0"], not: ["0.25", "0.1", ".5"]),
        Case(
            ["type": "number", "multipleOf": 2.5],
            ["0", "2.5", "5", "-7.5", "10", "1002.5"],
            not: ["1", "2", "0.5"]
        ),
        Case(["type": "number", "multipleOf": 1.7], ["1.7", "3.4", "17", "-5.1"], not: ["1", "3.5", "0.7"]),
        Case(["type": "number", "multipleOf": 0.0625], ["0.0625", "1.125", "3"], not: ["0.06", "0.1"]),
        Case(["type": "number", "multipleOf": 1e-7], ["0.0000001", "1.5", "-0.1234567"], not: ["0.00000001"]),
        Case(["type": "number", "multipleOf": 7], ["7", "-14", "0", "700"], not: ["1", "7.5", "8"]),
        Case(["type": "number", "multipleOf": 4999], ["4999", "-9998", "49990"], not: ["1", "5000"]),
        Case(["type": "number", "multipleOf": 0.4999], ["0.4999", "-9.998"], not: ["0.5", "1"]),
        Case(["type": "number", "multipleOf": 5000], ["5000", "0", "-15000"], not: ["500", "5001"]),
        Case(["type": "integer", "multipleOf": 0.5], ["0", "1", "-7"], not: ["0.5", "1.0"]),
        Case(["type": "integer", "multipleOf": 2.5], ["0", "5", "-10"], not: ["2", "2.5", "7"]),
        Case(["type": "integer", "multipleOf": 1e-20], ["0", "5"], not: ["0.5"]),
        Case(
            ["type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 99.99],
            ["0", "0.01", "99.99", "7.5"],
            not: ["100", "-0.01", "99.991"]
        ),
        Case(
            ["type": "number", "multipleOf": 0.25, "exclusiveMinimum": -1.5, "exclusiveMaximum": 1000],
            ["-1.25", "0", "999.75"],
            not: ["-1.5", "1000", "-2"]
        ),
        Case(
            ["type": "number", "multipleOf": 0.1, "minimum": 0.123, "maximum": 0.456],
            ["0.2", "0.4"],
            not: ["0.1", "0.5"]
        ),
        Case(["type": "number", "multipleOf": 12.34, "minimum": 50], ["61.7", "12340"], not: ["12.34", "-61.7"]),
        Case(["type": "number", "multipleOf": 2.5, "maximum": -5], ["-5", "-7.5"], not: ["-2.5", "5", "0"]),
    ]

    @Test(arguments: cases) func multiplesAreTaken(example: Case) throws {
        let grammar = try SchemaCompiler.grammar(example.schema)
        for text in example.valid { #expect(try Matcher.takes(text, grammar) && example.holds(text), "\(text)") }
        for text in example.invalid { #expect(try !Matcher.takes(text, grammar), "\(text)") }
    }

    @Test(arguments: cases) func whatIsWrittenIsAMultiple(example: Case) throws {
        let grammar = try SchemaCompiler.grammar(example.schema)
        for seed in 0..<40 {
            guard let text = try randomText(grammar, seed: seed, checks: seed == 0, most: 40) else { continue }
            #expect(example.holds(text), "\(text)")
        }
    }

    @Test(arguments: cases) func everyShortMultipleIsTakenAndNothingElse(example: Case) throws {
        let grammar = try CompiledGrammar(SchemaCompiler.grammar(example.schema), for: Vocabularies.trie)
        for number in stride(from: -2000, through: 2000, by: 5) {
            let text = Decimal(sign: number < 0 ? .minus : .plus, exponent: -2, significand: Decimal(abs(number)))
                .description
            var matcher = Matcher(grammar)
            let isTaken = text.utf8.allSatisfy { matcher.accept(Int($0)) } && matcher.canEnd
            #expect(isTaken == example.holds(text), "\(text)")
        }
    }

    @Test func severalHoldTogether() throws {
        let schema: JSON = ["type": "number", "allOf": [["multipleOf": 0.4], ["multipleOf": 0.25]]]
        let grammar = try SchemaCompiler.grammar(schema)
        for text in ["0", "2", "-6", "14"] { #expect(try Matcher.takes(text, grammar), "\(text)") }
        for text in ["0.4", "0.25", "1", "0.5"] { #expect(try !Matcher.takes(text, grammar), "\(text)") }
    }

    @Test func valuesOfAnEnumAreMultiples() throws {
        let grammar = try SchemaCompiler.grammar(["enum": [0.07, 0.075, 3, "x"], "multipleOf": 0.01])
        for text in ["0.07", "3", "\"x\""] { #expect(try Matcher.takes(text, grammar), "\(text)") }
        #expect(try !Matcher.takes("0.075", grammar))
    }

    static let refused: [(schema: JSON, says: String)] = [
        (["type": "number", "multipleOf": 0.5001], "'multipleOf' at #"),
        (["type": "integer", "multipleOf": 5001], "'multipleOf' at #"),
        (["type": "number", "multipleOf": 1e20], "'multipleOf' at #"),
        (["type": "number", "multipleOf": 1e-15], "'multipleOf' at #"),
        (["type": "number", "multipleOf": 0], "'multipleOf' must be"),
        (["properties": ["a": ["type": "number", "multipleOf": 1.23456]]], "'multipleOf' at #/properties/a"),
        (["type": "number", "multipleOf": 1e-10, "maximum": 12_345_678], "'multipleOf' at #"),
        (["type": "number", "multipleOf": 0.4999, "minimum": 0, "maximum": 123_456], "'multipleOf' at #"),
        (["allOf": [["type": "integer", "multipleOf": 4999], ["multipleOf": 4993]]], "'multipleOf' at #/allOf/"),
    ]

    @Test(arguments: refused) func whatCannotBeFollowedIsRefusedByName(schema: JSON, says: String) {
        #expect {
            _ = try SchemaCompiler.grammar(schema)
        } throws: {
            "\($0)".contains(says)
        }
    }
}

extension Decimal {
    fileprivate func isMultiple(of divisor: Decimal) -> Bool {
        var quotient = self / divisor, whole = Decimal()
        NSDecimalRound(&whole, &quotient, 0, .plain)
        return whole * divisor == self
    }
}
