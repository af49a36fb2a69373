import Models
import Synchronization
import Tensors

/// What the network that a run begins with thinks of its documents, which never changes: a document is scored when it is first met,
/// and looked up in later epochs.
///
/// A row's bits do not depend on its neighbours (DESIGN D3), so what is looked up is what would be computed; a resumed run, which
/// remembers nothing, goes on to the bit.
final class ReferenceScores: Sendable {
    /// A document as it was trained on.
    private struct Document: Hashable { let tokens, targets: [Int32] }

    private let model: any LanguageModel, most: Int
    private let known = Mutex<(scores: [Document: [Float]], tokens: Int)>(([:], 0))

    /// - Parameter most: tokens that are remembered, 12 bytes each; what comes after them is computed every time.
    init(_ model: any LanguageModel, most: Int = 1 << 22) { (self.model, self.most) = (model, most) }

    /// Log-probabilities of a batch's targets, `[rows]`, without a gradient.
    func callAsFunction(_ batch: TrainingBatch) -> Tensor {
        let documents = batch.documents.map { rows in
            Document(tokens: Array(batch.tokens[rows]), targets: Array(batch.targets[rows]))
        }
        var scores = known.withLock { known in documents.map { known.scores[$0] } }
        let missing = documents.indices.filter { scores[$0] == nil }
        for (index, found) in zip(missing, computed(missing.map { documents[$0] })) { scores[index] = found }
        keep(missing.map { (documents[$0], scores[$0]!) })
        return Tensor(scores.flatMap { $0! }, shape: [batch.tokens.count])
    }

    private func computed(_ documents: [Document]) -> [[Float]] {
        guard !documents.isEmpty else { return [] }
        var ranges: [Range<Int>] = [], end = 0
        for document in documents {
            ranges.append(end..<end + document.tokens.count)
            end += document.tokens.count
        }
        let rows = Batch(tokens: documents.flatMap(\.tokens), documents: ranges, for: model.cacheShape)
        let all = logprobs(model.states(rows), model.head, documents.flatMap(\.targets)).scalars
        return ranges.map { Array(all[$0]) }
    }

    private func keep(_ found: [(document: Document, scores: [Float])]) {
        known.withLock { known in
            for (document, scores) in found where known.tokens + scores.count <= most {
                if known.scores.updateValue(scores, forKey: document) == nil { known.tokens += scores.count }
            }
        }
    }
}
