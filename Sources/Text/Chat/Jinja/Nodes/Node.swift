/// A part of a template that has a value. Each kind of node knows how to evaluate itself.
protocol Expression: Sendable {
    func value(_ scope: inout Scope) throws -> Value

    /// Appends the value's text to the output.
    func write(_ scope: inout Scope) throws
}

extension Expression {
    func write(_ scope: inout Scope) throws { try scope.write(try value(&scope)) }
}

/// A part of a template that does something.
protocol Statement: Sendable {
    func run(_ scope: inout Scope) throws -> Flow
}

/// Where to go after a statement.
enum Flow {
    case next
    case breakLoop
    case continueLoop
}

/// Statements in a row.
struct Block: Sendable {
    struct Step: Sendable {
        let line: Int
        /// How many tokens the statement's expressions have, hence about how many nodes one run visits.
        let weight: Int
        let statement: any Statement
    }

    var steps: [Step] = []

    func run(_ scope: inout Scope) throws -> Flow {
        for step in steps {
            try scope.budget.spend(steps: step.weight)
            do {
                let flow = try step.statement.run(&scope)
                if case .next = flow { continue }
                return flow
            } catch let error as TemplateError {
                throw error.at(line: step.line)
            }
        }
        return .next
    }
}

/// The state of one rendering.
struct Scope {
    /// Variables of the template as a whole, and of its inner blocks; nil where none was set.
    var globals: [Value?]
    var locals: [Value?]
    var output = ""
    var budget: Budget
    let clock: Moment
    private var namespaces: [Namespace] = []

    init(globals: [Value?], locals: Int, limits: TemplateLimits, clock: Moment) {
        self.globals = globals
        self.locals = Array(repeating: nil, count: locals)
        budget = Budget(limits)
        self.clock = clock
    }

    mutating func write(_ text: String) throws {
        try budget.spend(bytes: text.utf8.count)
        output += text
    }

    mutating func write(_ value: Value) throws {
        switch value {
        case .string(let text): try write(text)
        case .undefined: break
        default: try write(value.text(&budget))
        }
    }

    /// The output of the body, which does not reach the outer output.
    mutating func capture(_ body: (inout Scope) throws -> Void) throws -> String {
        let outer = output
        output = ""
        try body(&self)
        defer { output = outer }
        return output
    }

    /// Runs the body with those locals its own; they are put back for whoever is still running above.
    mutating func withFresh<T>(_ slots: Range<Int>, _ body: (inout Scope) throws -> T) throws -> T {
        let saved = Array(locals[slots])
        reset(slots)
        defer { locals.replaceSubrange(slots, with: saved) }
        return try body(&self)
    }

    mutating func reset(_ slots: Range<Int>) {
        for slot in slots { locals[slot] = nil }
    }

    mutating func makeNamespace() throws -> Namespace {
        try budget.spend(steps: 8)
        let namespace = Namespace()
        namespaces.append(namespace)
        return namespace
    }

    /// Breaks the cycles that a template can build.
    func finish() {
        for namespace in namespaces { namespace.removeAll() }
    }
}
