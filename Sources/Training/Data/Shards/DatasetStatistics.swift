/// What a preparation found.
public struct DatasetStatistics: Codable, Sendable, Hashable {
    /// Rows that were read, and those of them that cannot be learnt from.
    public var rows = 0, rejected = 0
    public var documents = 0, tokens = 0
    /// Tokens that are learnt: all of a text, the answers of a conversation.
    public var learnt = 0
    /// Tokens of the longest document.
    public var longest = 0
    /// How many documents have at most 2, 4, 8 … tokens, and more than half as many.
    public var lengths: [Int] = []

    public init() {}

    mutating func add(_ document: TokenizedDocument) {
        documents += 1
        tokens += document.count
        learnt += document.learnt
        longest = max(longest, document.count)
        let place = max(0, Int.bitWidth - (document.count - 1).leadingZeroBitCount - 1)
        while lengths.count <= place { lengths.append(0) }
        lengths[place] += 1
    }
}
