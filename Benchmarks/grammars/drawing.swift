import Grammars

/// Random texts, token by token through the masks of a grammar.
struct Drawing {
    let tokens: [[UInt8]]
    /// What brings texts to their end, tried in this order when they grow long.
    var closers: [[UInt8]] = []
    private var dice: Dice
    /// Tokens that bring JSON to its end, and the one of each byte.
    private let closing: [Int], ofByte: [UInt8: Int]

    private static let most = 600, long = 60

    init(tokens: [[UInt8]], seed: Int) {
        self.tokens = tokens
        dice = Dice(state: UInt64(seed))
        ofByte = Dictionary(tokens.indices.filter { tokens[$0].count == 1 }.map { (tokens[$0][0], $0) }) { first, _ in
            first
        }
        closing = "\"}]:,0nt".utf8.compactMap { [ofByte] in ofByte[$0] }
    }

    mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &dice) < one }

    mutating func number(below end: Int) -> Int { Int.random(in: 0..<end, using: &dice) }

    /// A text that begins so, if it may; nil if it was cut off.
    mutating func text(_ grammar: CompiledGrammar, opening: [UInt8] = []) -> String? {
        var matcher = Matcher(grammar), bytes: [UInt8] = []
        write(opening, &matcher, &bytes)
        for step in 0..<Self.most {
            let mask = matcher.mask()
            if matcher.canEnd, matcher.isComplete || step > 40 || chance(1, in: 4) { return whole(bytes) }
            // From some place on, what closes comes first, so that texts come to an end.
            if step > Self.long, closers.contains(where: { write($0, &matcher, &bytes) }) { continue }
            var token = number(below: mask.count)
            if step > Self.long, let quote = closing.first(where: { mask[$0] }) { token = quote }
            while !mask[token] { token = (token + 1) % mask.count }
            guard matcher.accept(token) else { return "a mask lied" }
            guard !matcher.isOver else { return whole(bytes) }
            bytes += tokens[token]
        }
        return nil
    }

    @discardableResult
    private func write(_ text: [UInt8], _ matcher: inout Matcher, _ bytes: inout [UInt8]) -> Bool {
        guard !text.isEmpty, matcher.allows(text), text.allSatisfy({ ofByte[$0] != nil }) else { return false }
        for byte in text where !matcher.accept(ofByte[byte]!) { return false }
        bytes += text
        return true
    }

    private func whole(_ bytes: [UInt8]) -> String { String(validating: bytes, as: UTF8.self) ?? "not UTF-8" }
}

struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
