import Text

/// The grammar of arguments that are written one by one: texts as they are, other values in JSON.
struct MemberGrammar {
    let head: String, keyed: String, between: String, tail: String

    func expression(_ tool: Tool, in grammar: inout Grammar) throws(GrammarError) -> Expression {
        guard let schema = tool.objectSchema, let properties = schema["properties"]?.object else { return .empty }
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        var parts: [Expression.Part] = []
        for (name, property) in properties {
            let value = try value(property, of: name, tool, schema, in: &grammar)
            let part = Expression.sequence([.literal(name), .literal(keyed), value])
            parts.append(.init(part, isRequired: required.contains(name)))
        }
        let list = Expression.list(parts, separator: .literal(between), canBeEmpty: false)
        let whole = Expression.sequence([.literal(head), list, .literal(tail)])
        return parts.contains(where: \.isRequired) ? whole : .optional(whole)
    }

    private func value(
        _ property: JSON,
        of name: String,
        _ tool: Tool,
        _ schema: JSON,
        in grammar: inout Grammar
    ) throws(GrammarError) -> Expression {
        let path = "#/properties/" + FacetRules.escaped(name)
        do throws(GrammarError) {
            var compiler = SchemaCompiler(schema)
            let place = Facets.Place(schema: property, path: path)
            if tool.isText(name) {
                let machine = try compiler.stringMachine(compiler.reader.facets([place]))
                return .text(try machine.intersection(.without(tail)), .plain)
            }
            let whole = try compiler.expression([place])
            compiler.grammar.root = compiler.grammar.add(name, whole)
            _ = try Compiler.compile(compiler.grammar)
            return grammar.embed(compiler.grammar)
        } catch {
            guard !tool.isStrict else { throw error }
            return tool.isText(name)
                ? .text(try .without(tail), .plain) : grammar.embed(try SchemaCompiler.grammar(true))
        }
    }
}
