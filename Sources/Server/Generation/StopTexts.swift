import Text

/// Texts before which an answer ends: one, or an array of them.
enum StopTexts {
    private static let most = 16, longest = 1024

    static func read(_ field: JSONField) throws -> [String] {
        guard let field = field.optional else { return [] }
        if let one = field.value?.string { return [try checked(one, field)] }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of strings") }
        let fields = try field.elements
        guard fields.count <= most else { throw field.unexpected("at most \(most) strings") }
        return try fields.map { try checked($0.string, $0) }
    }

    private static func checked(_ stop: String, _ field: JSONField) throws -> String {
        guard (1...longest).contains(stop.utf8.count) else {
            throw field.unexpected("a string of 1 to \(longest) bytes")
        }
        return stop
    }
}
