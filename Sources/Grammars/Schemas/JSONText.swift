import Text

/// The texts of JSON values (RFC 8259), as models like to write them: between two tokens stands nothing, one space, or a line
/// end and some indentation; numbers are of a length that every reader takes.
enum JSONText {
    /// What stands between two tokens. Bounded, so that no model writes spaces for ever.
    static let space = Expression.optional(
        .choice([
            .literal(" "),
            .sequence([.literal("\n"), .repeated(.choice([.literal(" "), .literal("\t")]), least: 0, most: 32)]),
        ])
    )

    /// The bytes of an escape in a string.
    static func escape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x22: Array(#"\""#.utf8)
        case 0x5C: Array(#"\\"#.utf8)
        case 0x08: Array(#"\b"#.utf8)
        case 0x09: Array(#"\t"#.utf8)
        case 0x0A: Array(#"\n"#.utf8)
        case 0x0C: Array(#"\f"#.utf8)
        case 0x0D: Array(#"\r"#.utf8)
        default: Array(#"\u00"#.utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
    }

    private static let hex = Array("0123456789abcdef".utf8)

    static let quote = Expression.literal("\"")

    /// One character of a string, escaped or not.
    static let character: Expression = {
        let digit = Expression.choice([.range(0x30...0x39), .range(0x41...0x46), .range(0x61...0x66)])
        let notD = Expression.choice([
            .range(0x30...0x39), .range(0x41...0x43), .range(0x45...0x46), .range(0x61...0x63), .range(0x65...0x66),
        ])
        let d = Expression.choice([.literal("D"), .literal("d")])
        let high = Expression.choice([.range(0x38...0x39), .range(0x41...0x42), .range(0x61...0x62)])
        let low = Expression.choice([.range(0x43...0x46), .range(0x63...0x66)])
        let unit = Expression.choice([
            .sequence([notD, digit, digit, digit]),
            .sequence([d, .range(0x30...0x37), digit, digit]),
            .sequence([d, high, digit, digit, .literal("\\u"), d, low, digit, digit]),
        ])
        let plain: [ClosedRange<UInt32>] = [0x20...0x21, 0x23...0x5B, 0x5D...0x10_FFFF]
        return .choice(
            plain.flatMap(UTF8Ranges.sequences).map { .sequence($0.map { .range($0) }) } + [
                .sequence([.literal("\\"), .choice("\"\\/bfnrt".utf8.map { .range($0...$0) })]),
                .sequence([.literal("\\u"), unit]),
            ]
        )
    }()

    /// Any string.
    static let string = Expression.sequence([quote, .repeated(character, least: 0, most: nil), quote])

    /// A string whose characters are in a set.
    static func string(_ machine: CharacterMachine) -> Expression { .sequence([quote, .text(machine, .json), quote]) }

    /// One value, spelt in the only way that JSON's own rules leave.
    static func literal(_ value: JSON) -> Expression {
        switch value {
        case .string(let text): string(.oneOf([text]))
        case .array(let elements):
            .sequence([.literal("["), space] + separated(elements.map(literal)) + [space, .literal("]")])
        case .object(let members):
            .sequence(
                [.literal("{"), space]
                    + separated(members.map { .sequence([literal(.string($0)), .literal(":"), space, literal($1)]) })
                    + [space, .literal("}")]
            )
        default: .literal(value.text())
        }
    }

    private static func separated(_ parts: [Expression]) -> [Expression] {
        Array(parts.map { [$0] }.joined(separator: [.literal(","), space]))
    }

    /// `[`, elements, `]`.
    static func array(_ elements: Expression, canBeEmpty: Bool) -> Expression {
        let whole = Expression.sequence([elements, space])
        return .sequence([.literal("["), space, canBeEmpty ? .optional(whole) : whole, .literal("]")])
    }
}

extension Grammar {
    /// Any JSON value, in rules of its own.
    mutating func addAnyValue(string: Int) -> Int {
        let value = add("any value"), object = add("any object"), array = add("any array")
        let comma = Expression.sequence([.literal(","), JSONText.space])
        let member = Expression.sequence([.rule(string), .literal(":"), JSONText.space, .rule(value)])
        func many(_ part: Expression) -> Expression {
            .sequence([part, .repeated(.sequence([comma, part]), least: 0, most: nil)])
        }
        self[object] = .sequence([
            .literal("{"), JSONText.space, .optional(.sequence([many(member), JSONText.space])), .literal("}"),
        ])
        self[array] = JSONText.array(many(.rule(value)), canBeEmpty: true)
        self[value] = .choice([
            .rule(object), .rule(array), .rule(string), .text(NumberText.any, .plain),
            .literal("true"), .literal("false"), .literal("null"),
        ])
        return value
    }
}
