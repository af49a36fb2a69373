import Text

/// The texts of values, as models like to write them: between two tokens stands nothing, one space, or a line end and some
/// indentation; numbers are of a length that every reader takes.
struct ValueText: Sendable {
    /// What stands between two tokens.
    let space: Expression
    private let quote: Expression, spelling: Spelling
    /// One character between quotes, escaped or not.
    private let character: Expression
    /// What may stand between quotes; nil: whatever is escaped.
    private let unescaped: CharacterMachine?
    private let yes: String, no: String, nothing: String
    /// Whether names of members stand between quotes as well.
    private let quotesNames: Bool
    /// Whether lists and objects are JSON's, whatever this is.
    let nestsJSON: Bool

    /// JSON (RFC 8259).
    static let json = ValueText(
        space: .optional(
            .choice([
                .literal(" "),
                // Bounded, so that no model writes spaces for ever.
                .sequence([.literal("\n"), .repeated(.choice([.literal(" "), .literal("\t")]), least: 0, most: 32)]),
            ])
        ),
        quote: .literal("\""),
        spelling: .json,
        character: Escapes.json,
        unescaped: nil,
        yes: "true",
        no: "false",
        nothing: "null",
        quotesNames: true,
        nestsJSON: false
    )

    /// As a model's own form of calls has them.
    static func of(_ notation: CallForm.Notation) throws(GrammarError) -> ValueText {
        let notLessThan: [ClosedRange<UInt32>] = [0x09...0x0A, 0x20...0x3B, 0x3D...0x10_FFFF]
        return ValueText(
            space: notation.nestsJSON ? json.space : .empty,
            quote: .literal(notation.quote),
            spelling: notation.isEscaped ? .python : .plain,
            character: notation.isEscaped ? Escapes.python : Escapes.plain(notLessThan),
            unescaped: notation.isEscaped ? nil : try .without(notation.quote),
            yes: notation.yes,
            no: notation.no,
            nothing: notation.nothing,
            quotesNames: notation.nestsJSON,
            nestsJSON: notation.nestsJSON
        )
    }

    /// Any string.
    var string: Expression {
        guard let unescaped else { return string(ofLength: 0, nil) }
        return .sequence([quote, .text(unescaped, spelling), quote])
    }

    func string(ofLength least: Int, _ most: Int?) -> Expression {
        .sequence([quote, .repeated(character, least: least, most: most), quote])
    }

    /// A string whose characters are of a machine.
    func string(_ machine: CharacterMachine) throws(GrammarError) -> Expression {
        var machine = machine
        if let unescaped { machine = try machine.intersection(unescaped) }
        return .sequence([quote, .text(machine, spelling), quote])
    }

    /// One value, spelt in the only way that JSON's own rules leave.
    func literal(_ value: JSON) throws(GrammarError) -> Expression {
        switch value {
        case .null: return .literal(nothing)
        case .bool(let value): return .literal(value ? yes : no)
        case .integer, .number: return .literal(value.text())
        case .string(let text): return try string(.oneOf([text]))
        case .array where nestsJSON, .object where nestsJSON: return try Self.json.literal(value)
        case .array(let elements):
            var parts: [Expression] = []
            for element in elements { parts.append(try literal(element)) }
            return .sequence([.literal("["), space] + separated(parts) + [space, .literal("]")])
        case .object(let members):
            var parts: [Expression] = []
            for (name, value) in members { parts.append(.sequence([try key(name), space, try literal(value)])) }
            return .sequence([.literal("{"), space] + separated(parts) + [space, .literal("}")])
        }
    }

    /// A member's name and the colon.
    func key(_ name: String) throws(GrammarError) -> Expression {
        .sequence([quotesNames ? try string(.oneOf([name])) : .literal(name), .literal(":")])
    }

    /// A member's name of a machine and the colon; nil: any name.
    func key(_ machine: CharacterMachine?, string: Expression) throws(GrammarError) -> Expression {
        guard !quotesNames else {
            guard let machine else { return .sequence([string, .literal(":")]) }
            return .sequence([try self.string(machine), .literal(":")])
        }
        var bare = try Pattern.machine("[^:,{}\\[\\]<>\"\\s]+", .whole, path: "")
        if let machine { bare = try bare.intersection(machine) }
        return .sequence([.text(bare, .plain), .literal(":")])
    }

    var comma: Expression { .sequence([.literal(","), space]) }

    private func separated(_ parts: [Expression]) -> [Expression] {
        Array(parts.map { [$0] }.joined(separator: [.literal(","), space]))
    }

    /// `[`, elements, `]`.
    func array(_ elements: Expression, canBeEmpty: Bool) -> Expression {
        let whole = Expression.sequence([elements, space])
        return .sequence([.literal("["), space, canBeEmpty ? .optional(whole) : whole, .literal("]")])
    }

    /// `{`, members, `}`.
    func object(_ members: Expression, canBeEmpty: Bool) -> Expression {
        let whole = Expression.sequence([members, space])
        return .sequence([.literal("{"), space, canBeEmpty ? .optional(whole) : whole, .literal("}")])
    }

    var booleans: [Expression] { [.literal(yes), .literal(no)] }
    var null: Expression { .literal(nothing) }
}

extension Grammar {
    /// Any value, in rules of its own.
    mutating func addAnyValue(_ text: ValueText, string: Int) throws(GrammarError) -> Int {
        let value = add("any value")
        let scalars = [.rule(string), .text(NumberText.any, .plain)] + text.booleans + [text.null]
        guard !text.nestsJSON else {
            let inner = try addAnyValue(.json, string: add("any JSON string", ValueText.json.string))
            self[value] = .choice([.rule(inner + 1), .rule(inner + 2)] + scalars)
            return value
        }
        let object = add("any object"), array = add("any array")
        let member = Expression.sequence([try text.key(nil, string: .rule(string)), text.space, .rule(value)])
        func many(_ part: Expression) -> Expression {
            .sequence([part, .repeated(.sequence([text.comma, part]), least: 0, most: nil)])
        }
        self[object] = text.object(many(member), canBeEmpty: true)
        self[array] = text.array(many(.rule(value)), canBeEmpty: true)
        self[value] = .choice([.rule(object), .rule(array)] + scalars)
        return value
    }
}
