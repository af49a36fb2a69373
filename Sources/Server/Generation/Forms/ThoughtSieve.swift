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
        guard !text.holds(close) else { return place = .beyond }
        text.removeFirst(max(0, text.count - (close.count - 1)))
    }

    private mutating func decide(_ token: TokenScore) -> [TokenScore] {
        text += bytes(token.id)
        held.append(token)
        let written = text.drop { $0 == 0x0A || $0 == 0x20 }
        guard !written.starts(with: open) else {
            (count, held, text, place) = (held.count, [], Array(written.dropFirst(open.count)), .within)
            return []
        }
        guard !open.starts(with: written) else { return [] }
        place = .beyond
        return finish()
    }
}

extension [UInt8] {
    /// Whether the marker is in it; a token may have more behind a marker.
    fileprivate func holds(_ marker: [UInt8]) -> Bool {
        guard count >= marker.count else { return false }
        return (0...count - marker.count).contains { self[$0..<$0 + marker.count].elementsEqual(marker) }
    }
}

extension Reading {
    /// Nil where it has no thoughts.
    func sieve() -> ThoughtSieve? {
        thoughts.map { ThoughtSieve($0, isThinking: isThinking, bytes: bytes) }
    }
}
