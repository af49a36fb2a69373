/// Turns ids that arrive one by one into text, whole characters only: a scalar whose bytes are spread over several
/// tokens appears with the last of them.
public struct IncrementalDecoder: Sendable {
    private let core: TokenizerCore
    private let skipSpecial: Bool
    private let shown: Set<Int>
    private var dropsSpace: Bool
    /// The beginning of a scalar that is not complete yet: at most three bytes between calls.
    private var pending: [UInt8] = []

    init(_ core: TokenizerCore, skipSpecial: Bool, showing shown: Set<Int> = [], continuing: Bool) {
        self.core = core
        self.skipSpecial = skipSpecial
        self.shown = shown
        dropsSpace = core.beginsWithSpace && !continuing
    }

    /// The text that `id` completes; often empty in the middle of a character.
    public mutating func append(_ id: Int) -> String {
        let isSpecial = core.vocabulary.isSpecial(id)
        defer { if isSpecial { dropsSpace = core.beginsWithSpace } }
        if isSpecial, skipSpecial, !shown.contains(id) { return "" }
        var bytes = core.vocabulary.bytes(of: id)[...]
        if !isSpecial, dropsSpace, let first = bytes.first {
            dropsSpace = false
            if first == UInt8(ascii: " ") { bytes = bytes.dropFirst() }
        }
        pending += bytes
        return takeWhole()
    }

    /// What is left; the beginning of a character that never ended is U+FFFD.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    private mutating func takeWhole() -> String {
        let end = pending.count - Self.unfinished(pending)
        guard end > 0 else { return "" }
        defer { pending.removeFirst(end) }
        return String(decoding: pending[..<end], as: UTF8.self)
    }

    /// How many of the last bytes may yet become a scalar (Unicode, table 3-7).
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let lead = bytes[bytes.count - count]
            if lead & 0xC0 == 0x80 { continue }
            return lead >= 0xC2 && count < length(lead) && mayFollow(lead, bytes.suffix(count - 1)) ? count : 0
        }
        return 0
    }

    private static func length(_ lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private static func mayFollow(_ lead: UInt8, _ rest: ArraySlice<UInt8>) -> Bool {
        guard let second = rest.first else { return true }
        switch lead {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
