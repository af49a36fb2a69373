/// Resolves each name to its place while the template is read, so that rendering looks nothing up.
///
/// Loops, macros and captured blocks have a scope of their own; what they set ends with them.
struct NameTable {
    private(set) var globals: [String] = []
    private(set) var localCount = 0
    private var scopes: [InnerScope] = []

    private struct InnerScope {
        let start: Int
        /// A certain name is set whenever the scope runs; any other may be set on the way.
        var names: [String: (slot: Int, isCertain: Bool)] = [:]
        /// Names, such as `loop`, that whoever runs the scope sets, but only if the body mentions them.
        var mentioned: Set<String> = []
    }

    mutating func open(offering names: Set<String> = []) {
        scopes.append(InnerScope(start: localCount))
        for name in names.sorted() { _ = declare(name, isCertain: true) }
    }

    /// The locals that the scope and those within it use.
    mutating func close() -> Range<Int> {
        guard let scope = scopes.popLast() else { return 0..<0 }
        return scope.start..<localCount
    }

    /// The place of an offered name; nil when the body did not mention it.
    func taken(_ name: String) -> Place? {
        guard let scope = scopes.last, scope.mentioned.contains(name) else { return nil }
        return scope.names[name].map { .local($0.slot) }
    }

    mutating func declare(_ name: String, isCertain: Bool = false) -> Place {
        guard let scope = scopes.last else { return global(name) }
        if let known = scope.names[name] { return .local(known.slot) }
        scopes[scopes.count - 1].names[name] = (localCount, isCertain)
        localCount += 1
        return .local(localCount - 1)
    }

    mutating func variable(_ name: String) -> any Expression {
        var places: [Place] = []
        for index in scopes.indices.reversed() {
            guard let known = scopes[index].names[name] else { continue }
            scopes[index].mentioned.insert(name)
            places.append(.local(known.slot))
            if known.isCertain { return node(name, places) }
        }
        return node(name, places + [global(name)])
    }

    private func node(_ name: String, _ places: [Place]) -> any Expression {
        places.count == 1
            ? Variable(name: name, place: places[0]) : ShadowingVariable(name: name, places: places)
    }

    private mutating func global(_ name: String) -> Place {
        if let slot = globals.firstIndex(of: name) { return .global(slot) }
        globals.append(name)
        return .global(globals.count - 1)
    }
}
