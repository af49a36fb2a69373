import Text

/// What the objects within a field may have. What nobody here knows is told by its place, such as `text.fromat`, as the names of
/// fields are.
package indirect enum Members: Sendable {
    /// Not looked into: it is read by name elsewhere, or handed on.
    case anything
    case object([String: Members])
    /// An object whose `type` says which members it has; one of another type is refused by who reads it, and one without any is of
    /// the standard one, if there is such.
    case typed([String: Members], standard: String? = nil)
    /// An array of such.
    case each(Members)
}

extension Members {
    /// As many as a header tells.
    static let mostTold = 20

    /// - Parameters:
    ///   - names: members that are not looked into.
    ///   - inner: those that are.
    static func having(_ names: [String], _ inner: [String: Members] = [:]) -> Members {
        .object(names.reduce(into: inner) { $0[$1] = .anything })
    }

    /// Adds the places of what nobody knows, until there are as many as are told.
    ///
    /// - Parameter place: where the value is; a body may have millions, so only what is told learns its own.
    func search(_ value: JSON, for unknown: inout [String], at place: () -> String) {
        guard unknown.count < Self.mostTold else { return }
        switch (self, value) {
        case (.each(let inner), .array(let elements)):
            for (index, element) in elements.enumerated() {
                inner.search(element, for: &unknown) { "\(place())[\(index)]" }
            }
        case (.typed(let kinds, let standard), .object):
            let type = JSONField(value)["type"].optional
            guard let name = type == nil ? standard : type?.value?.string, let kind = kinds[name] else { return }
            kind.search(value, for: &unknown, at: place)
        case (.object(let known), .object(let members)):
            for (name, member) in members {
                if let inner = known[name] {
                    inner.search(member, for: &unknown) { "\(place()).\(name)" }
                } else if unknown.count < Self.mostTold {
                    unknown.append("\(place()).\(name)")
                }
            }
        default: break
        }
    }
}
