package import Text

/// The grammar of a whole answer: thoughts, where the model has them, and then what was asked for.
package struct AnswerGrammar: Sendable {
    package enum Body: Sendable {
        /// Any text.
        case free
        case held(Grammar)
        case calls(Calls)
    }

    /// Functions that may be called.
    package struct Calls: Sendable {
        /// How many calls an answer may have: a small model knows no end of them.
        package static let most = 16

        package var form: CallForm
        package var tools: [Tool]
        /// Whether one must be.
        package var isRequired: Bool
        /// Whether several may be, where the form has room for them.
        package var isParallel: Bool
        /// What an answer without calls is held to; nil: words may come, before calls too.
        package var words: Grammar?

        package init(form: CallForm, tools: [Tool], isRequired: Bool, isParallel: Bool) {
            (self.form, self.tools, self.isRequired, self.isParallel) = (form, tools, isRequired, isParallel)
        }
    }

    package var body: Body
    package var thoughts: ThoughtForm?
    /// Whether the answer begins within thoughts.
    package var isThinking: Bool
    /// Whether it begins behind them, so that there are none.
    package var isThoughtOver: Bool

    package init(_ body: Body, thoughts: ThoughtForm?, isThinking: Bool, isThoughtOver: Bool = false) {
        (self.body, self.thoughts) = (body, thoughts)
        (self.isThinking, self.isThoughtOver) = (isThinking, isThoughtOver)
    }

    private static let lineEnds = Expression.repeated(.literal("\n"), least: 0, most: 4)

    /// The whole answer.
    package func grammar() throws(GrammarError) -> Grammar {
        var grammar = Grammar()
        let body = try expression(in: &grammar)
        guard let thoughts, !isThoughtOver else { return grammar.rooted(body) }
        let rest = Expression.sequence([.text(try .upTo(thoughts.close), .plain), Self.lineEnds])
        if isThinking { return grammar.rooted(.sequence([rest, body])) }
        // Other words may come first only where they may anyway.
        let thought = Expression.sequence([Self.lineEnds, .literal(thoughts.open), rest])
        return grammar.rooted(.sequence([.optional(thought), body]))
    }

    /// What is left when the thoughts have to end at once.
    package func grammarAfterThoughts() throws(GrammarError) -> Grammar {
        var grammar = Grammar()
        let body = try expression(in: &grammar)
        return grammar.rooted(.sequence([.literal(thoughts?.close ?? ""), Self.lineEnds, body]))
    }

    private func expression(in grammar: inout Grammar) throws(GrammarError) -> Expression {
        let lead = Expression.literal(thoughts?.lead ?? "")
        return switch body {
        case .free: .sequence([lead, .text(.anything, .plain)])
        case .held(let held): .sequence([lead, grammar.embed(held)])
        case .calls(let calls): try calls.expression(in: &grammar)
        }
    }
}

extension Grammar {
    fileprivate func rooted(_ root: Expression) -> Grammar {
        var grammar = self
        grammar.root = grammar.add("answer", root)
        return grammar
    }
}

// MARK: Calls

extension AnswerGrammar.Calls {
    fileprivate func expression(in grammar: inout Grammar) throws(GrammarError) -> Expression {
        var arguments: [Expression] = []
        for tool in tools {
            do throws(GrammarError) { arguments.append(try self.arguments(of: tool, in: &grammar)) } catch {
                throw .tool(tool.name, error)
            }
        }
        let one = zip(tools, arguments).map { Expression.sequence([head(of: $0), $1]) }
        guard !form.isHarmony else { return try harmonyExpression(.choice(one), in: &grammar) }
        let call = Expression.rule(grammar.add("call", .choice(one)))
        var calls = [call]
        if isParallel, let join = form.join {
            calls.append(.repeated(.sequence([join.expression, call]), least: 0, most: Self.most - 1))
        }
        calls.append(form.close.expression)
        guard let words, !isRequired else { return try .choice(beginnings(.sequence(calls), arguments, in: &grammar)) }
        return .choice([.sequence([.literal(form.open)] + calls), grammar.embed(words)])
    }

    /// What stands before a call's arguments.
    private func head(of tool: Tool) -> Expression {
        guard form.isHarmony else { return .sequence([.literal(tool.name), form.mid.expression]) }
        return .choice(CallForm.harmonyHeads(tool.name).map(Expression.literal))
    }

    /// Harmony has one call to an answer, which words in a channel of their own may precede.
    private func harmonyExpression(_ call: Expression, in grammar: inout Grammar) throws(GrammarError) -> Expression {
        let call = Expression.rule(grammar.add("call", call))
        guard !isRequired else { return call }
        if let words { return .choice([call, .sequence([.literal(ThoughtForm.harmony.lead), grammar.embed(words)])]) }
        let close = ThoughtForm.harmony.close
        let before = Expression.sequence([.literal(CallForm.harmonyPreamble), .text(try .upTo(close), .plain), call])
        let answer = Expression.sequence([.literal(ThoughtForm.harmony.lead), .text(try .without("<|end|>"), .plain)])
        return .choice([call, before, answer])
    }

    /// Calls at once, or after words, or words only.
    private func beginnings(
        _ calls: Expression,
        _ arguments: [Expression],
        in grammar: inout Grammar
    ) throws(GrammarError) -> [Expression] {
        let marker = form.marker, open = Expression.sequence([.literal(form.open), calls])
        if isRequired { return [open] }
        let head = LooseHead(form), loose = head.map { looseCalls($0, arguments, in: &grammar) }
        guard !marker.isEmpty else {
            var others = try starts.complement
            if let head { others = try starts(head).complement }
            return [open, .text(others, .plain)] + (loose.map { [$0] } ?? [])
        }
        let rest = Expression.literal(String(form.open.dropFirst(marker.count)))
        var before = try CharacterMachine.upTo(marker), words = try CharacterMachine.without(marker)
        if let head {
            let others = try starts(head).complement
            (before, words) = (try before.intersection(others), try words.intersection(others))
        }
        let marked = Expression.sequence([.text(before, .plain), rest, calls])
        return [marked, .text(words, .plain)] + (loose.map { [$0] } ?? [])
    }

    /// Texts that begin as a call does where no marker tells it, of one of the tools.
    private var starts: CharacterMachine {
        get throws(GrammarError) {
            try Pattern.machine("[ \\n]*", .whole, path: "").followed(by: tools.map { form.head(of: $0.name) })
        }
    }

    private func arguments(of tool: Tool, in grammar: inout Grammar) throws(GrammarError) -> Expression {
        switch form.arguments {
        case .json: return grammar.embed(try Self.arguments(of: tool))
        case .members(let head, let keyed, let between, let tail):
            var members = MemberGrammar(head: head, keyed: keyed, between: between, tail: tail)
            members.empty = form.empty
            return try members.expression(tool, in: &grammar)
        case .values(let head, let keyed, let between, let tail, let notation):
            let members = MemberGrammar(head: head, keyed: keyed, between: between, tail: tail, notation: notation)
            return try members.expression(tool, in: &grammar)
        }
    }

    /// The text of a function's arguments. What would take too long to follow, or contradicts itself, is left to the caller,
    /// unless the tool is strict.
    private static func arguments(of tool: Tool) throws(GrammarError) -> Grammar {
        guard let schema = tool.objectSchema else { return Grammar(.literal("{}")) }
        do throws(GrammarError) {
            let grammar = try SchemaCompiler.grammar(schema, tool.care)
            if !tool.isStrict { _ = try Compiler.compile(grammar) }
            return grammar
        } catch {
            guard error.isForgiven, !tool.isStrict else { throw error }
            var anything = try SchemaCompiler.anyObject()
            anything.leftOut = [.init(tool: tool.name, place: "")]
            return anything
        }
    }
}

extension Tool {
    /// Whether arguments must keep the schema to the letter.
    package var isStrict: Bool { json["function"]?["strict"] == true || json["strict"] == true }

    var care: SchemaCare { isStrict ? .strict : .lenient }

    /// The schema of the arguments, which are an object; nil where there are none.
    var objectSchema: JSON? {
        guard var members = parameters?.object, !members.isEmpty else { return nil }
        if members["type"] == nil { members["type"] = "object" }
        return .object(members)
    }

    /// The keywords of its schema that are left to the model, since nothing else could keep them, each by its place
    /// (`properties.tags.uniqueItems`): none where it is strict.
    package var unheldKeywords: [String] {
        guard !isStrict, let objectSchema else { return [] }
        return (try? SchemaCompiler.unheld(in: objectSchema)) ?? []
    }

    /// Whether an argument is nothing but a text.
    package func isText(_ argument: String) -> Bool {
        asksForText(argument)
    }
}

extension CallForm.Piece {
    /// Its text, with any identity in it.
    fileprivate var expression: Expression {
        guard let after else { return .literal(before) }
        let letter = Expression.choice([.range(0x30...0x39), .range(0x41...0x5A), .range(0x61...0x7A)])
        let id = Expression.repeated(letter, least: CallForm.Piece.idLength, most: CallForm.Piece.idLength)
        return .sequence([.literal(before), id, .literal(after)])
    }
}
