/// Watches a text, given piece by piece, for the first of several stop strings.
///
/// Text that may yet turn out to begin a stop string is held back. The stop string that is complete first wins, and of those
/// complete at the same byte the longest, so the outcome does not depend on how the text was cut. One Knuth–Morris–Pratt
/// automaton (1977) for each string.
package struct StopStrings: Sendable {
    private struct Automaton {
        let bytes: [UInt8], fallback: [Int]
        var matched = 0

        init(_ text: String) {
            bytes = Array(text.utf8)
            var fallback = [0], length = 0
            for byte in bytes.dropFirst() {
                while length > 0, byte != bytes[length] { length = fallback[length - 1] }
                if byte == bytes[length] { length += 1 }
                fallback.append(length)
            }
            self.fallback = fallback
        }

        mutating func step(_ byte: UInt8) -> Bool {
            while matched > 0, byte != bytes[matched] { matched = fallback[matched - 1] }
            if byte == bytes[matched] { matched += 1 }
            return matched == bytes.count
        }
    }

    private var automata: [Automaton]
    private var held: [UInt8] = []

    package init(_ texts: [String]) { automata = texts.map(Automaton.init) }

    /// Takes more text; returns what is safe to show, and the stop string if one is now complete.
    package mutating func append(_ text: String) -> (released: String, stop: String?) {
        guard !automata.isEmpty else { return (text, nil) }
        for byte in text.utf8 {
            held.append(byte)
            if let stop = step(byte) {
                return (release(keeping: stop.utf8.count), stop)
            }
        }
        return (release(keeping: automata.map(\.matched).max()!), nil)
    }

    /// The text ended, or something else comes between: what was held back is no stop string.
    package mutating func finish() -> String {
        for index in automata.indices { automata[index].matched = 0 }
        return release(keeping: 0)
    }

    private mutating func step(_ byte: UInt8) -> String? {
        var found: [UInt8] = []
        for index in automata.indices where automata[index].step(byte) {
            if automata[index].bytes.count > found.count { found = automata[index].bytes }
        }
        return found.isEmpty ? nil : String(decoding: found, as: UTF8.self)
    }

    private mutating func release(keeping count: Int) -> String {
        let released = String(decoding: held.dropLast(count), as: UTF8.self)
        held.removeFirst(held.count - count)
        return released
    }
}
