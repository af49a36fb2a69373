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
        /// Names, such as `loop`, that get a place only when the body mentions them.
        var offered: Set<String> = []
    }

    mutating func open(offering names: Set<String> = []) {
        scopes.append(InnerScope(start: localCount, offered: names))
    }

    /// The locals that the scope and those within it use.
    mutating func close() -> Range<Int> {
        guard let scope = scopes.popLast() else { return 0..<0 }
        return scope.start..<localCount
    }

    /// The place of an offered name; nil when the body did not mention it.
    func taken(_ name: String) -> Place? { scopes.last?.names[name].map { .local($0.slot) } }

    mutating func declare(_ name: String, isCertain: Bool = false) -> Place {
        guard let scope = scopes.last else { return global(name) }
        if let known = scope.names[name] { return .local(known.slot) }
        return declare(name, in: scopes.count - 1, isCertain: isCertain)
    }

    mutating func variable(_ name: String) -> any Expression {
        var places: [Place] = []
        for index in scopes.indices.reversed() {
            if scopes[index].offered.contains(name), scopes[index].names[name] == nil {
                _ = declare(name, in: index, isCertain: true)
            }
            guard let known = scopes[index].names[name] else { continue }
            places.append(.local(known.slot))
            if known.isCertain { return node(name, places) }
        }
        return node(name, places + [global(name)])
    }

    private func node(_ name: String, _ places: [Place]) -> any Expression {
        places.count == 1
            ? Variable(name: name, place: places[0]) : ShadowingVariable(name: name, places: places)
    }

    private mutating func declare(_ name: String, in scope: Int, isCertain: Bool) -> Place {
        scopes[scope].names[name] = (localCount, isCertain)
        localCount += 1
        return .local(localCount - 1)
    }

    private mutating func global(_ name: String) -> Place {
        if let slot = globals.firstIndex(of: name) { return .global(slot) }
        globals.append(name)
        return .global(globals.count - 1)
    }
}
