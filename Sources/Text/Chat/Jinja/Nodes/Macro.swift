/// A macro's parameters and body; `{% call %}` blocks are macros too.
struct MacroBody: Sendable {
    let name: String
    let parameters: [Parameter]
    /// Where `caller`, `varargs` and `kwargs` are kept when the body mentions them.
    let caller, varargs, kwargs: Place?
    let body: Block
    let locals: Range<Int>
    let depth: Int

    struct Parameter: Sendable {
        let name: String
        let place: Place
        let standard: (any Expression)?
    }

    var function: Value {
        .function(Function(name: name) { scope, arguments in try call(arguments, &scope) })
    }

    private func call(_ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        try scope.budget.enter(depth)
        defer { scope.budget.leave(depth) }
        let text = try scope.withFresh(locals) { scope in
            try bind(arguments, &scope)
            return try scope.capture { _ = try body.run(&$0) }
        }
        return .string(text)
    }

    private func bind(_ arguments: Arguments, _ scope: inout Scope) throws {
        var named = arguments.named
        for (index, parameter) in parameters.enumerated() {
            let position = named.firstIndex { $0.name == parameter.name }
            let byName = position.map { named.remove(at: $0).value }
            let byPosition = index < arguments.positional.count ? arguments.positional[index] : nil
            guard byName == nil || byPosition == nil else {
                throw TemplateError.evaluation("macro '\(name)' was given '\(parameter.name)' twice")
            }
            let value = try byPosition ?? byName ?? parameter.standard?.value(&scope)
            parameter.place.store(value ?? .undefined(name: parameter.name, of: nil), in: &scope)
        }
        try bindRest(arguments.positional.dropFirst(parameters.count), named, &scope)
    }

    private func bindRest(
        _ positional: ArraySlice<Value>,
        _ named: [(name: String, value: Value)],
        _ scope: inout Scope
    ) throws {
        var named = named
        if let position = named.firstIndex(where: { $0.name == "caller" }) {
            caller?.store(named.remove(at: position).value, in: &scope)
        }
        guard positional.isEmpty || varargs != nil else {
            throw TemplateError.evaluation("macro '\(name)' takes at most \(parameters.count) arguments")
        }
        if let extra = named.first, kwargs == nil {
            throw TemplateError.evaluation("macro '\(name)' has no argument '\(extra.name)'")
        }
        varargs?.store(.list(try List(Array(positional), isTuple: true)), in: &scope)
        kwargs?.store(.mapping(try Mapping(named.map { (.string($0.name), $0.value) })), in: &scope)
    }
}

/// `{% macro name(…) %}…{% endmacro %}`.
struct Macro: Statement {
    let place: Place
    let macro: MacroBody

    func run(_ scope: inout Scope) throws -> Flow {
        place.store(macro.function, in: &scope)
        return .next
    }
}

/// `{% call(…) f(…) %}…{% endcall %}`: the call, with the block as its `caller`.
struct CallBlock: Statement {
    let call: Call
    let macro: MacroBody

    func run(_ scope: inout Scope) throws -> Flow {
        var arguments = try call.arguments.values(&scope)
        arguments.named.append(("caller", macro.function))
        let function = try call.callee.value(&scope)
        try scope.write(try function.call(arguments, name: call.name, &scope))
        return .next
    }
}
