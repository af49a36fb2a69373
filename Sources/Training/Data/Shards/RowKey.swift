/// A number for what a row says, by which rows are held out.
enum RowKey {
    /// The same for equal documents, and spread evenly for others.
    static func of(_ documents: [TokenizedDocument]) -> UInt64 {
        var key: UInt64 = 0
        for document in documents {
            for token in document.tokens { key = mixed(key ^ UInt64(truncatingIfNeeded: token)) }
        }
        return key
    }

    /// SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of the number.
    static func mixed(_ number: UInt64) -> UInt64 {
        var z = number &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
