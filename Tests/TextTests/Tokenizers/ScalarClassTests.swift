import Testing
import Text

@Suite struct ScalarClassTests {
    /// The standard library knows a later Unicode than the references do; what they both know they agree on.
    @Test func everyScalarOfUnicode16HasTheClassOfItsCategory() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), scalar != Self.changed else { continue }
            guard let age = scalar.properties.age, age.major < 17 else { continue }
            let expected = Self.class(of: scalar)
            if ScalarClass(scalar) != expected {
                Issue.record("U+\(String(value, radix: 16)): \(ScalarClass(scalar)), not \(expected)")
            }
        }
    }

    /// Unicode 17 took its lower case away.
    private static let changed: Unicode.Scalar = "ʕ"

    private static func `class`(of scalar: Unicode.Scalar) -> ScalarClass {
        if scalar.properties.isWhitespace { return .space }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter: return .upper
        case .lowercaseLetter: return .lower
        case .modifierLetter, .otherLetter: return .letter
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return .punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: return .symbol
        default: return .other
        }
    }
}
