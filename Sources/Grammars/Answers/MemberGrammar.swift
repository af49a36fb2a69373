import Text

/// The grammar of arguments that are written one by one.
struct MemberGrammar {
    let head: String, keyed: String, between: String, tail: String
    /// What stands there without arguments, unless `head` and `tail` do.
    var empty = ""
    /// How values are spelt; nil: texts as they are, others in JSON.
    var notation: CallForm.Notation?

    func expression(_ tool: Tool, in grammar: inout Grammar) throws(GrammarError) -> Expression {
        let isAlways = notation != nil
        guard let schema = tool.objectSchema, let facets = try facets(tool, schema, &grammar.leftOut) else {
            return .literal(isAlways ? head + tail : empty)
        }
        var parts: [Expression.Part] = []
        for name in facets.names {
            let value = try value(facets.properties[name] ?? [], of: name, tool, schema, in: &grammar)
            let part = Expression.sequence([.literal(name), .literal(keyed), value])
            parts.append(.init(part, isRequired: facets.required.contains(name)))
        }
        let canBeEmpty = !parts.contains(where: \.isRequired) && facets.leastMembers == 0
        let list = Expression.list(parts, separator: .literal(between), canBeEmpty: canBeEmpty && isAlways)
        let whole = Expression.sequence([.literal(head), list, .literal(tail)])
        return canBeEmpty && !isAlways ? .choice([whole, .literal(empty)]) : whole
    }

    /// What is asked of the arguments, those that have a name or are required being all; nil where there are none.
    private func facets(
        _ tool: Tool,
        _ schema: JSON,
        _ leftOut: inout [Grammar.LeftOut]
    ) throws(GrammarError) -> Facets? {
        let compiler = try SchemaCompiler(schema, tool.care, text)
        var facets = try compiler.reader.facets([.init(schema: schema, path: "#")])
        for group in facets.alternatives {
            let keyword = group.isExclusive ? "oneOf" : "anyOf"
            guard tool.isStrict else {
                leftOut.append(.init(tool: tool.name, place: keyword))
                continue
            }
            let why = "this model writes arguments one by one; say with 'properties' and 'required' what they are"
            throw .unsupported(keyword: keyword, path: "#", why: why)
        }
        for name in facets.required where facets.properties[name] == nil {
            facets.addProperty(name, facets.others ?? [.never])
        }
        if !facets.nameRules.isEmpty {
            let machine = try compiler.stringMachine(compiler.reader.facets(facets.nameRules))
            facets.names.removeAll { !machine.contains($0) && !facets.required.contains($0) }
        }
        if tool.isStrict { try facets.requireCounts() }
        return facets.names.isEmpty && facets.leastMembers == 0 ? nil : facets
    }

    private func value(
        _ places: [Facets.Place],
        of name: String,
        _ tool: Tool,
        _ schema: JSON,
        in grammar: inout Grammar
    ) throws(GrammarError) -> Expression {
        let path = places.first?.path ?? "#/properties/" + FacetRules.escaped(name)
        let isPlain = notation == nil && tool.isText(name)
        do throws(GrammarError) {
            var compiler = try SchemaCompiler(schema, tool.care, text)
            if isPlain {
                let machine = try compiler.stringMachine(compiler.reader.facets(places))
                return try GrammarError.naming("the text", at: path) { () throws(GrammarError) in
                    .text(try machine.intersection(.before(tail)), .plain)
                }
            }
            let whole = try compiler.expression(places)
            compiler.grammar.root = compiler.grammar.add(path, whole)
            _ = try Compiler.compile(compiler.grammar)
            return grammar.embed(compiler.grammar)
        } catch {
            guard error.isForgiven, !tool.isStrict else { throw error }
            grammar.leftOut.append(.init(tool: tool.name, place: "properties.\(name)"))
            guard !isPlain else { return .text(try .before(tail), .plain) }
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

extension Tool {
    /// Whether all that is asked of an argument, wherever the schema says it, makes it a text; one that nothing is said of is one.
    func asksForText(_ argument: String) -> Bool {
        guard let schema = objectSchema else { return true }
        let reader = SchemaReader(schema, care)
        guard let all = try? reader.facets([.init(schema: schema, path: "#")]),
            let places = all.properties[argument] ?? (all.required.contains(argument) ? all.others : nil),
            let own = try? reader.facets(places), !own.isFree
        else { return true }
        let isText = own.values.map { $0.allSatisfy { $0.string != nil } } ?? (own.kinds == [.string])
        return isText && own.alternatives.isEmpty
    }
}
