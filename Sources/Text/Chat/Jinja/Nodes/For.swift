/// `{% for x in list if condition recursive %}…{% else %}…{% endfor %}`.
struct For: Statement {
    let target: Target
    let iterable: any Expression
    let condition: (any Expression)?
    let body: Block
    let otherwise: Block
    /// Where `loop` is kept; nil when the body never mentions it.
    let loopPlace: Place?
    let isRecursive: Bool
    let locals: Range<Int>
    let depth: Int

    func run(_ scope: inout Scope) throws -> Flow {
        try run(over: try iterable.value(&scope), level: 0, &scope)
        return .next
    }

    func run(over value: Value, level: Int, _ scope: inout Scope) throws {
        let items = try kept(try value.items(&scope), &scope)
        if items.isEmpty {
            scope.reset(locals)
            _ = try otherwise.run(&scope)
            return
        }
        let loop = loopPlace.map { _ in Loop(items, level: level, statement: isRecursive ? self : nil) }
        for (index, item) in items.enumerated() {
            try scope.budget.spend(steps: 1 + locals.count)
            scope.reset(locals)
            loop?.index = index
            if let loop { loopPlace?.store(.loop(loop), in: &scope) }
            try target.store(item, in: &scope)
            if case .breakLoop = try body.run(&scope) { break }
        }
    }

    private func kept(_ items: [Value], _ scope: inout Scope) throws -> [Value] {
        guard let condition else { return items }
        return try items.filter { item in
            try scope.budget.spend(steps: 4)
            scope.reset(locals)
            try target.store(item, in: &scope)
            return try condition.value(&scope).isTrue
        }
    }
}

/// What `loop` is inside a loop.
final class Loop {
    enum Member: String, Sendable {
        case index, index0, revindex, revindex0, first, last, length, previtem, nextitem, depth, depth0, cycle, changed
    }

    let items: [Value]
    var index = 0
    private let level: Int
    private let statement: For?
    private var lastChanged: [Value]?

    init(_ items: [Value], level: Int, statement: For?) {
        self.items = items
        self.level = level
        self.statement = statement
    }

    subscript(member: Member) -> Value {
        switch member {
        case .index: .integer(index + 1)
        case .index0: .integer(index)
        case .revindex: .integer(items.count - index)
        case .revindex0: .integer(items.count - index - 1)
        case .first: .bool(index == 0)
        case .last: .bool(index == items.count - 1)
        case .length: .integer(items.count)
        case .previtem: index > 0 ? items[index - 1] : .undefined(name: "previtem", of: .loop)
        case .nextitem: index + 1 < items.count ? items[index + 1] : .undefined(name: "nextitem", of: .loop)
        case .depth: .integer(level + 1)
        case .depth0: .integer(level)
        case .cycle, .changed: method(member.rawValue) ?? .none
        }
    }

    func method(_ name: String) -> Value? {
        switch Member(rawValue: name) {
        case .cycle:
            .function(
                Function(name: name) { [self] _, arguments in
                    let choices = arguments.positional
                    guard !choices.isEmpty else { throw TemplateError.evaluation("'cycle' needs arguments") }
                    return choices[index % choices.count]
                }
            )
        case .changed: .function(Function(name: name) { [self] in .bool(try hasChanged($1.positional, &$0)) })
        default: nil
        }
    }

    private func hasChanged(_ values: [Value], _ scope: inout Scope) throws -> Bool {
        defer { lastChanged = values }
        guard let lastChanged, lastChanged.count == values.count else { return true }
        for (a, b) in zip(lastChanged, values) where try !a.isEqual(to: b, &scope.budget) { return true }
        return false
    }

    /// `loop(children)`: the same loop over a deeper list.
    func descend(into value: Value, _ scope: inout Scope) throws -> Value {
        guard let statement else {
            throw TemplateError.evaluation("only a loop marked 'recursive' can be called")
        }
        try scope.budget.enter(statement.depth)
        defer { scope.budget.leave(statement.depth) }
        let text = try scope.withFresh(statement.locals) { scope in
            try scope.capture { try statement.run(over: value, level: level + 1, &$0) }
        }
        return .string(text)
    }
}
