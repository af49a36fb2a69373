import Text

/// The grammar of arguments that are written one by one.
struct MemberGrammar {
    let head: String, keyed: String, between: String, tail: String
    /// How values are spelt; nil: texts as they are, others in JSON.
    var notation: CallForm.Notation?

    func expression(_ tool: Tool, in grammar: inout Grammar) throws(GrammarError) -> Expression {
        let isAlways = notation != nil
        guard let schema = tool.objectSchema, let properties = schema["properties"]?.object, !properties.isEmpty else {
            return isAlways ? .literal(head + tail) : .empty
        }
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        var parts: [Expression.Part] = []
        for (name, property) in properties {
            let value = try value(property, of: name, tool, schema, in: &grammar)
            let part = Expression.sequence([.literal(name), .literal(keyed), value])
            parts.append(.init(part, isRequired: required.contains(name)))
        }
        let canBeEmpty = !parts.contains(where: \.isRequired)
        let list = Expression.list(parts, separator: .literal(between), canBeEmpty: canBeEmpty && isAlways)
        let whole = Expression.sequence([.literal(head), list, .literal(tail)])
        return canBeEmpty && !isAlways ? .optional(whole) : whole
    }

    private func value(
        _ property: JSON,
        of name: String,
        _ tool: Tool,
        _ schema: JSON,
        in grammar: inout Grammar
    ) throws(GrammarError) -> Expression {
        let path = "#/properties/" + FacetRules.escaped(name), isPlain = notation == nil && tool.isText(name)
        do throws(GrammarError) {
            var compiler = try SchemaCompiler(schema, tool.care, text)
            let place = Facets.Place(schema: property, path: path)
            if isPlain {
                let machine = try compiler.stringMachine(compiler.reader.facets([place]))
                return .text(try machine.intersection(.without(tail)), .plain)
            }
            let whole = try compiler.expression([place])
            compiler.grammar.root = compiler.grammar.add(name, whole)
            _ = try Compiler.compile(compiler.grammar)
            return grammar.embed(compiler.grammar)
        } catch {
            guard error.isForgiven, !tool.isStrict else { throw error }
            guard !isPlain else { return .text(try .without(tail), .plain) }
            var anything = try SchemaCompiler(true, .usual, text)
            anything.grammar.root = anything.words.anyValue
            return grammar.embed(anything.grammar)
        }
    }

    private var text: ValueText {
        get throws(GrammarError) {
            guard let notation else { return .json }
            return try .of(notation)
        }
    }
}
