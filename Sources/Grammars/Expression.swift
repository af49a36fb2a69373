/// What a rule of a grammar may be made of. Texts are bytes.
package indirect enum Expression: Sendable, Hashable {
    /// Matches nothing, not even the empty text.
    case never
    case bytes([UInt8])
    /// One byte in a range.
    case range(ClosedRange<UInt8>)
    case sequence([Expression])
    case choice([Expression])
    /// - Parameter most: nil for any number.
    case repeated(Expression, least: Int, most: Int?)
    /// Some of the parts in their order, between any two the separator.
    case list([Part], separator: Expression, canBeEmpty: Bool)
    case rule(Int)
    /// A text of characters, spelt in a way.
    case text(CharacterMachine, Spelling)

    /// A part of a list.
    package struct Part: Sendable, Hashable {
        package var expression: Expression, isRequired: Bool

        package init(_ expression: Expression, isRequired: Bool) {
            (self.expression, self.isRequired) = (expression, isRequired)
        }
    }

    package static let empty = Expression.bytes([])

    package static func literal(_ text: String) -> Expression { .bytes(Array(text.utf8)) }

    package static func optional(_ expression: Expression) -> Expression {
        .repeated(expression, least: 0, most: 1)
    }
}

extension Expression {
    /// The same, where its rules come later.
    fileprivate func shifted(by count: Int) -> Expression {
        switch self {
        case .rule(let rule): .rule(rule + count)
        case .sequence(let parts): .sequence(parts.map { $0.shifted(by: count) })
        case .choice(let parts): .choice(parts.map { $0.shifted(by: count) })
        case .repeated(let part, let least, let most): .repeated(part.shifted(by: count), least: least, most: most)
        case .list(let parts, let separator, let canBeEmpty):
            .list(
                parts.map { Part($0.expression.shifted(by: count), isRequired: $0.isRequired) },
                separator: separator.shifted(by: count),
                canBeEmpty: canBeEmpty
            )
        case .never, .bytes, .range, .text: self
        }
    }
}

/// How characters become bytes.
package enum Spelling: Sendable, Hashable {
    /// UTF-8.
    case plain
    /// As between the quotes of a JSON string: quotes, backslashes and control characters escaped, all else as it is.
    case json
    /// As between Python's single quotes: these, backslashes and line ends escaped.
    case python
}

/// Rules, one of which is the whole.
package struct Grammar: Sendable {
    package private(set) var names: [String] = []
    package private(set) var rules: [Expression] = []
    package var root = 0
    /// What is not held, though tools that are not strict ask for it.
    package var leftOut: [LeftOut] = []

    /// A place of a tool's schema, written as members and dots; empty for the whole of it.
    package struct LeftOut: Sendable, Hashable {
        package let tool: String, place: String
    }

    package init() {}

    /// A grammar of one rule.
    package init(_ expression: Expression) { root = add("root", expression) }

    @discardableResult
    package mutating func add(_ name: String, _ expression: Expression = .never) -> Int {
        names.append(name)
        rules.append(expression)
        return rules.count - 1
    }

    /// Adds the rules of another grammar; returns its root.
    package mutating func embed(_ other: Grammar) -> Expression {
        let first = rules.count
        names += other.names
        rules += other.rules.map { $0.shifted(by: first) }
        leftOut += other.leftOut
        return .rule(other.root + first)
    }

    package subscript(rule: Int) -> Expression {
        get { rules[rule] }
        set { rules[rule] = newValue }
    }
}
