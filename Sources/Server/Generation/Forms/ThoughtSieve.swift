import Inference
import Text

/// Tells the tokens of thoughts, their markers included, from those of the answer, whatever pieces they come in.
///
/// An engine's events may hold many tokens, so where thoughts end is found in the tokens' own bytes.
struct ThoughtSieve: Sendable {
    private enum Place: Sendable { case undecided, within, beyond }

    private let open: [UInt8], close: [UInt8]
    private let bytes: @Sendable (Int) -> [UInt8]
    private var place: Place
    /// What has been written and may yet be a part of a marker, and the tokens it is of while nothing is decided.
    private var text: [UInt8] = [], held: [TokenScore] = []
    /// How many tokens were thoughts.
    private(set) var count = 0

    init(_ form: ThoughtForm, isThinking: Bool, bytes: @escaping @Sendable (Int) -> [UInt8]) {
        (open, close, self.bytes) = (Array(form.open.utf8), Array(form.close.utf8), bytes)
        place = isThinking ? .within : .undecided
    }

    /// Returns those that belong to the answer.
    mutating func pass(_ tokens: [TokenScore]) -> [TokenScore] {
        var passed: [TokenScore] = []
        for token in tokens {
            switch place {
            case .beyond: passed.append(token)
            case .within: take(token)
            case .undecided: passed += decide(token)
            }
        }
        return passed
    }

    /// Nothing follows: what was not decided was no thought.
    mutating func finish() -> [TokenScore] {
        defer { held = [] }
        return held
    }

    private mutating func take(_ token: TokenScore) {
        count += 1
        text += bytes(token.id)
        guard let end = text.firstRange(of: close) else {
            return text.removeFirst(max(0, text.count - (close.count - 1)))
        }
        (text, place) = (Array(text[end.upperBound...]), .undecided)
    }

    private mutating func decide(_ token: TokenScore) -> [TokenScore] {
        text += bytes(token.id)
        held.append(token)
        let written = text.drop { $0 == 0x0A || $0 == 0x20 }
        // As in an answer's text: thoughts may follow thoughts, and an end of them that nobody began is no word.
        for (marker, next) in [(open, Place.within), (close, Place.undecided)] where written.starts(with: marker) {
            count += held.count
            (held, text, place) = ([], Array(written.dropFirst(marker.count)), next)
            return []
        }
        guard !open.starts(with: written), !close.starts(with: written) else { return [] }
        place = .beyond
        return finish()
    }
}

extension Reading {
    /// Nil where it has no thoughts.
    func sieve() -> ThoughtSieve? {
        thoughts.map { ThoughtSieve($0, isThinking: isThinking, bytes: bytes) }
    }
}
