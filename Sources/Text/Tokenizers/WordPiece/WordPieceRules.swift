import Foundation

/// What BERT's tokenizer does to a text before it looks words up: the reference library's `BertNormalizer` and `BertPreTokenizer`.
public struct WordPieceRules: Sendable, Hashable {
    /// Control characters are dropped, and every kind of white space is a space.
    public var cleans: Bool
    /// Each ideograph is a word.
    public var separatesIdeographs: Bool
    public var stripsAccents: Bool
    public var lowercases: Bool
    /// What the spelling of a token begins with that goes on with a word.
    public var continuation: String
    /// Longer words, in scalars, are unknown.
    public var longestWord: Int

    public init(
        cleans: Bool = true,
        separatesIdeographs: Bool = true,
        stripsAccents: Bool = true,
        lowercases: Bool = true,
        continuation: String = "##",
        longestWord: Int = 100
    ) {
        (self.cleans, self.separatesIdeographs) = (cleans, separatesIdeographs)
        (self.stripsAccents, self.lowercases) = (stripsAccents, lowercases)
        (self.continuation, self.longestWord) = (continuation, longestWord)
    }

    /// The words of a text, punctuation marks being words of their own.
    func words(of text: String) -> [[UInt8]] {
        var words: [[UInt8]] = [], word: [UInt8] = []
        func end() {
            if !word.isEmpty { words.append(word) }
            word = []
        }
        for scalar in normal(text).unicodeScalars {
            let isMark = scalar.isPunctuation
            if isMark || scalar.properties.isWhitespace { end() }
            guard !scalar.properties.isWhitespace else { continue }
            word += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            if isMark { end() }
        }
        end()
        return words
    }

    private func normal(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if cleans, scalar.isDropped { continue }
            if cleans, scalar.properties.isWhitespace {
                scalars.append(" ")
            } else if separatesIdeographs, scalar.isIdeograph {
                scalars.append(contentsOf: [" ", scalar, " "])
            } else {
                scalars.append(scalar)
            }
        }
        var normal = String(scalars)
        if stripsAccents, !normal.utf8.allSatisfy({ $0 < 0x80 }) {
            let parts = normal.decomposedStringWithCanonicalMapping.unicodeScalars
            normal = String(String.UnicodeScalarView(parts.filter { $0.properties.generalCategory != .nonspacingMark }))
        }
        guard lowercases else { return normal }
        return normal.unicodeScalars.map(\.properties.lowercaseMapping).joined()
    }
}

extension Unicode.Scalar {
    fileprivate var isPunctuation: Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
        case 0..<0x80: return false
        default: break
        }
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    /// Controls, formats, private uses and halves of pairs; not what breaks lines.
    fileprivate var isDropped: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D: return false
        case 0, 0xFFFD: return true
        case 0x20..<0x7F: return false
        default: break
        }
        switch properties.generalCategory {
        case .control, .format, .privateUse, .surrogate: return true
        default: return false
        }
    }

    fileprivate var isIdeograph: Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF,
            0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
