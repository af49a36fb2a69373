import Text

// MARK: Calls without their marker

extension AnswerGrammar.Calls {
    /// One call that begins so.
    func call(_ head: LooseHead, _ arguments: [Expression]) -> Expression {
        let space = ValueText.json.space, fence = Expression.literal(LooseHead.fence)
        let opening = Expression.sequence([fence, .optional(.literal(LooseHead.language))])
        let named = zip(tools, arguments).map { tool, arguments in
            Expression.sequence([.literal("\"\(tool.name)\"")] + spaced(head.behind) + [space, arguments])
        }
        let beginning = [Self.lineEnds, .optional(opening)] + spaced(head.before) + [space]
        return .sequence(beginning + [.choice(named)] + spaced(head.end) + [.optional(.sequence([space, fence]))])
    }

    private static let lineEnds = Expression.repeated(.literal("\n"), least: 0, most: 2)

    /// Texts of JSON, with space before each.
    private func spaced(_ texts: [String]) -> [Expression] {
        texts.flatMap { [ValueText.json.space, .literal($0)] }
    }

    /// Texts that begin so, and anyhow behind it, where the function is one of the tools.
    func starts(_ head: LooseHead) throws(GrammarError) -> CharacterMachine {
        let space = "[ \\n\\t]*", fence = "(?:\(LooseHead.fence)(?:\(LooseHead.language))?)?"
        let before = space + fence + pattern(head.before) + space + "\""
        let whole = before + "[^\"]*\"" + pattern(head.behind) + "[\\s\\S]*"
        let named = try Pattern.machine(before, .whole, path: "").followed(by: tools.map { $0.name + "\"" })
        return try named.intersection(Pattern.machine(whole, .whole, path: ""))
    }

    private func pattern(_ texts: [String]) -> String {
        texts.map { text in "[ \\n\\t]*" + text.map { "{}[]".contains($0) ? "\\\($0)" : String($0) }.joined() }.joined()
    }
}
