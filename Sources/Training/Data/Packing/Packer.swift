/// A batch in the making.
struct Packer {
    private(set) var tokens: [Int32] = [], targets: [Int32] = [], documents: [Range<Int>] = []
    let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    var room: Int { capacity - tokens.count }

    mutating func append(_ rows: (tokens: [Int32], targets: [Int32])) {
        documents.append(tokens.count..<tokens.count + rows.tokens.count)
        tokens += rows.tokens
        targets += rows.targets
    }

    var batch: TrainingBatch { TrainingBatch(tokens: tokens, targets: targets, documents: documents) }
}
