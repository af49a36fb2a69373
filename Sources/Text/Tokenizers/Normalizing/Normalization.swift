extension TokenizerSpecification {
    /// What becomes of characters before anything else.
    public enum Normalization: Sendable, Hashable {
        case none
        /// Characters are composed as far as possible (Unicode Standard Annex 15).
        case nfc
        /// Characters are replaced by a table, and then spaces.
        case mapped(CharacterMap, Spacing)
    }

    /// What becomes of spaces once characters have been replaced.
    public enum Spacing: String, Sendable, Hashable {
        case kept
        /// Several become one.
        case squeezed
        /// Several become one, and none are left at either end.
        case trimmed
        /// Several, of any kind, become one, and none are left at either end.
        case split
    }
}

extension TokenizerSpecification.Normalization {
    /// The same as files have it: an empty table that leaves spaces alone is none.
    public var tabulated: Self {
        guard case .mapped(let map, let spacing) = self else { return self }
        return map.isEmpty && spacing == .kept ? .none : .mapped(map.tabulated, spacing)
    }

    /// Whether a mark of a space in the text becomes a space only once the table has replaced characters.
    var keepsMarks: Bool { if case .mapped(_, let spacing) = self { spacing != .trimmed } else { false } }

    /// Calls `body` with the text as it is to be cut, marks of spaces being spaces.
    func withNormal(_ text: UTF8Text, _ body: (UTF8Text) -> Void) {
        switch self {
        case .none: body(text)
        case .nfc: text.isComposed ? body(text) : text.withComposed(body)
        case .mapped(let map, let spacing):
            let buffer = UnsafeBufferPointer(start: text.base, count: text.count)
            var normal = spacing.applied(to: map.applied(to: String(decoding: buffer, as: UTF8.self)))
            normal.withUTF8 { bytes in
                guard let base = bytes.baseAddress, bytes.count > 0 else { return }
                SpaceMarks.withSpaces(UTF8Text(base, count: bytes.count), body)
            }
        }
    }
}

extension TokenizerSpecification.Spacing {
    fileprivate func applied(to text: String) -> String {
        switch self {
        case .kept: text
        case .squeezed:
            String(String.UnicodeScalarView(squeezed(text.unicodeScalars, isSpace: { $0 == " " })))
        case .trimmed: text.unicodeScalars.split(separator: " ").map(String.init).joined(separator: " ")
        case .split:
            text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map(String.init).joined(separator: " ")
        }
    }

    private func squeezed(
        _ scalars: String.UnicodeScalarView,
        isSpace: (Unicode.Scalar) -> Bool
    ) -> [Unicode.Scalar] {
        scalars.reduce(into: []) { kept, scalar in
            if !isSpace(scalar) || kept.last != scalar { kept.append(scalar) }
        }
    }
}
