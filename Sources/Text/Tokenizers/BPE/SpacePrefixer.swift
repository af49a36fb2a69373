/// Tells which stretches of text get a space before them.
struct SpacePrefixer {
    private let prefix: TokenizerSpecification.Spaces.Prefix
    /// Nothing but control tokens has come since the beginning, or since the last of them.
    private var isAtBeginning = true

    init(_ prefix: TokenizerSpecification.Spaces.Prefix) { self.prefix = prefix }

    mutating func takesPrefix(_ plain: UTF8Text, at start: Int) -> Bool {
        defer { isAtBeginning = false }
        let hasSpace = plain.count > 0 && plain[0] == UInt8(ascii: " ")
        switch prefix {
        case .never: return false
        case .afterControls: return isAtBeginning
        case .everywhere: return true
        case .whereMissing: return !hasSpace
        case .first: return start == 0 && !hasSpace
        }
    }

    mutating func passed(isSpecial: Bool) { isAtBeginning = isAtBeginning || isSpecial }
}

extension TokenizerSpecification.Kind {
    /// What becomes of spaces, where the vocabulary spells them with a mark.
    var spaces: TokenizerSpecification.Spaces? {
        switch self {
        case .byteLevelBPE, .wordPiece: nil
        case .sentencePieceBPE(let spaces), .unigram(let spaces): spaces
        }
    }
}
