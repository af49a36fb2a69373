package import Text

/// What a request may ask for but would not get: it is refused by name, since ignoring it would change the answer's meaning.
package struct Refusals: Sendable {
    /// A field, the values of it that ask for nothing we lack, and what to say of the others.
    package struct Rule: Sendable {
        let name: String, why: String, allows: @Sendable (JSON) -> Bool

        package init(_ name: String, _ why: String, allows: @escaping @Sendable (JSON) -> Bool = { _ in false }) {
            (self.name, self.why, self.allows) = (name, why, allows)
        }
    }

    private let rules: [Rule]
    private let known: Set<String>
    private let within: [String: Members]

    /// - Parameters:
    ///   - known: fields that are honoured, or that change nothing about the answer.
    ///   - within: what the objects in some of them may have; the others are not looked into.
    package init(_ rules: [Rule], known: Set<String>, within: [String: Members] = [:]) {
        (self.rules, self.known, self.within) = (rules, known, within)
    }

    /// Throws for the first field that is refused; returns the names of fields that nobody here knows, then the places of such
    /// members within the others.
    package func check(_ body: JSONField) throws -> [String] {
        for rule in rules {
            let field = body[rule.name]
            guard let value = field.optional?.value, !rule.allows(value) else { continue }
            throw APIError.unsupported(field.path, "'\(field.path)' is not supported: \(rule.why).")
        }
        let names = known.union(rules.map(\.name))
        let members = try body.object
        var unknown = members.keys.filter { !names.contains($0) }
        for (name, value) in members where known.contains(name) {
            within[name]?.search(value, for: &unknown) { name }
        }
        return unknown
    }
}

extension Refusals.Rule {
    /// A caller's template could bring any text before the model, and any work before the server.
    package static let template = Self(
        "chat_template",
        "conversations are written by the model's own; /api/create makes a model of another template"
    )

    /// Ways of other servers to say more of the output's form.
    package static let constraints: [Self] = [
        Self("guided_decoding_backend", "there is only one") { $0.string != nil },
        Self("guided_whitespace_pattern", "spaces between JSON's tokens are as they are"),
        Self("structural_tag", "ask for 'tools' or 'response_format'"),
    ]
}

extension Refusals {
    /// Fields about the caller, billing or caching, which change nothing about the answer.
    package static let administrative: Set<String> = [
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_options",
        "prompt_cache_retention", "cache_prompt",
    ]
}
