import Text

// MARK: Calls without their marker

extension AnswerGrammar.Calls {
    /// Calls that begin so: one, or several where the form has room for them.
    func looseCalls(_ head: LooseHead, _ arguments: [Expression], in grammar: inout Grammar) -> Expression {
        let space = ValueText.json.space, fence = Expression.literal(LooseHead.fence)
        let opening = Expression.sequence([fence, .optional(.literal(LooseHead.language))])
        let named = zip(tools, arguments).map { tool, arguments in
            Expression.sequence([.literal("\"\(tool.name)\"")] + spaced(head.behind) + [space, arguments])
        }
        let whole = Expression.sequence(spaced(head.before) + [space, .choice(named)] + spaced(head.end))
        let call = Expression.rule(grammar.add("loose call", whole))
        var calls = [Self.lineEnds, .optional(opening), .optional(.sequence(spaced(["["]))), call]
        if isParallel, form.join != nil {
            let join = Expression.choice([.sequence(spaced([","])), .sequence([space, fence, space, opening])])
            calls.append(.repeated(.sequence([.optional(join), call]), least: 0, most: Self.most - 1))
        }
        return .sequence(calls + [.optional(.sequence(spaced(["]"]))), .optional(.sequence([space, fence]))])
    }

    private static let lineEnds = Expression.repeated(.literal("\n"), least: 0, most: 2)

    /// Texts of JSON, with space before each.
    private func spaced(_ texts: [String]) -> [Expression] {
        texts.flatMap { [ValueText.json.space, .literal($0)] }
    }

    /// Texts that begin so, and anyhow behind it, where the function is one of the tools.
    func starts(_ head: LooseHead) throws(GrammarError) -> CharacterMachine {
        let space = "[ \\n\\t]*", fence = "(?:\(LooseHead.fence)(?:\(LooseHead.language))?)?"
        let before = space + fence + "(?:[ \\n\\t]*\\[)?" + pattern(head.before) + space + "\""
        let whole = before + "[^\"]*\"" + pattern(head.behind) + "[\\s\\S]*"
        let named = try Pattern.machine(before, .whole, path: "").followed(by: tools.map { $0.name + "\"" })
        return try named.intersection(Pattern.machine(whole, .whole, path: ""))
    }

    private func pattern(_ texts: [String]) -> String {
        texts.map { text in "[ \\n\\t]*" + text.map { "{}[]".contains($0) ? "\\\($0)" : String($0) }.joined() }.joined()
    }
}
