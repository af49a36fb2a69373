extension Character {
    /// Columns on a terminal: what its scalars take by Unicode's East Asian Width, but two for an emoji, however many it is made of.
    package var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        if first.isPicture { return 2 }
        if first.properties.isEmoji, unicodeScalars.dropFirst().contains(where: \.makesPicture) { return 2 }
        return unicodeScalars.reduce(0) { $0 + $1.columns }
    }
}

extension Unicode.Scalar {
    /// An emoji by itself. Half a flag is none: two of them, of one column each, make one.
    fileprivate var isPicture: Bool {
        properties.isEmojiPresentation && !(0x1F1E6...0x1F1FF).contains(value)
    }

    /// What makes an emoji of a sign that is written as text when it stands alone: variation selector 16, a skin, another emoji.
    fileprivate var makesPicture: Bool { value == 0xFE0F || isPicture }

    fileprivate var columns: Int {
        if isZeroWidth { return 0 }
        return isPicture || Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// Marks over and under others, signs that only command, and the vowels and finals that make one syllable with a Hangul initial.
    private var isZeroWidth: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return true
        case .format: return properties.isDefaultIgnorableCodePoint && value != 0xAD
        default: return (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value)
        }
    }

    /// Wide (W) and fullwidth (F) of EastAsianWidth.txt, but for emoji, which have a property. What a block has not assigned yet
    /// is as wide as the rest of it.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0x3247,
        0x3250...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D37F,
        0x1F200...0x1F2FF, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
    ]
}
