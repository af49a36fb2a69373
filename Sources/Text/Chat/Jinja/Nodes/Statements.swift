/// Text outside of tags.
struct PlainText: Statement {
    let text: String

    func run(_ scope: inout Scope) throws -> Flow {
        try scope.write(text)
        return .next
    }
}

/// `{{ … }}`.
struct Output: Statement {
    let expression: any Expression

    func run(_ scope: inout Scope) throws -> Flow {
        try expression.write(&scope)
        return .next
    }
}

/// `{% if %}…{% elif %}…{% else %}…{% endif %}`.
struct If: Statement {
    let branches: [(condition: any Expression, body: Block)]
    let otherwise: Block

    func run(_ scope: inout Scope) throws -> Flow {
        for branch in branches where try branch.condition.value(&scope).isTrue { return try branch.body.run(&scope) }
        return try otherwise.run(&scope)
    }
}

/// `{% set x = … %}`.
struct Assignment: Statement {
    let target: Target
    let expression: any Expression

    func run(_ scope: inout Scope) throws -> Flow {
        try target.store(try expression.value(&scope), in: &scope)
        return .next
    }
}

/// `{% set x | filter %}…{% endset %}`.
struct BlockAssignment: Statement {
    let target: Target
    let body: Block
    let locals: Range<Int>
    /// The captured text's way through the filters; nil without any.
    let filtered: Filtered?

    func run(_ scope: inout Scope) throws -> Flow {
        let text = try body.captured(locals, &scope)
        try target.store(try filtered?.value(of: text, &scope) ?? .string(text), in: &scope)
        return .next
    }
}

/// `{% filter name %}…{% endfilter %}`.
struct FilterBlock: Statement {
    let filtered: Filtered
    let body: Block
    let locals: Range<Int>

    func run(_ scope: inout Scope) throws -> Flow {
        let text = try body.captured(locals, &scope)
        try scope.write(try filtered.value(of: text, &scope))
        return .next
    }
}

/// Filters waiting for the text of a block, which they read from a local variable.
struct Filtered: Sendable {
    let place: Place
    let expression: any Expression

    func value(of text: String, _ scope: inout Scope) throws -> Value {
        place.store(.string(text), in: &scope)
        return try expression.value(&scope)
    }
}

/// `{% with x = … %}…{% endwith %}`, and `{% generation %}…{% endgeneration %}`, which marks what a model wrote.
struct Inner: Statement {
    let assignments: [Assignment]
    let body: Block
    let locals: Range<Int>

    func run(_ scope: inout Scope) throws -> Flow {
        scope.reset(locals)
        for assignment in assignments { _ = try assignment.run(&scope) }
        return try body.run(&scope)
    }
}

struct Jump: Statement {
    let flow: Flow

    func run(_ scope: inout Scope) throws -> Flow { flow }
}

extension Block {
    func captured(_ locals: Range<Int>, _ scope: inout Scope) throws -> String {
        scope.reset(locals)
        return try scope.capture { _ = try run(&$0) }
    }
}
