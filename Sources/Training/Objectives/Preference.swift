public import Models
import Tensors

/// Prefers one answer to another, without a reward model: DPO (Rafailov et al. 2023), and with `smoothing` cDPO (Mitchell 2023).
///
/// The documents of a batch are chosen, rejected, chosen, rejected …. A document's reward is `beta` times how much more likely it
/// is than to the reference, and the loss is the cross-entropy of which of two is the chosen one.
public struct Preference: Loss {
    /// How a document is scored: by the sum of its tokens' log-probabilities, as in the paper, or by their mean, which does not
    /// care for length.
    public enum Score: String, Sendable, Hashable, Codable, CaseIterable { case sum, mean }

    /// How much a reward weighs a difference of log-probabilities.
    public let beta: Float
    /// The share of pairs that are the wrong way round.
    public let smoothing: Float
    public let score: Score
    /// How much the cross-entropy of the chosen answers' tokens counts beside (Pang et al. 2024).
    public let imitation: Float
    private let reference: ReferenceScores

    /// - Parameter reference: what a run begins with: the network beneath an adapter, or the first parameters. See
    ///   ``Objective/reference(_:)``.
    /// - Throws: ``TrainingError/setting(name:value:expected:)`` where a number is out of its range.
    public init(
        beta: Float = 0.1,
        smoothing: Float = 0,
        score: Score = .sum,
        imitation: Float = 0,
        reference: any LanguageModel
    ) throws {
        try check("beta", beta, "a number above 0") { $0 > 0 && $0.isFinite }
        try check("smoothing", smoothing, "a share from 0 to below a half") { $0 >= 0 && $0 < 0.5 }
        try check("imitation", imitation, "a number from 0 on") { $0 >= 0 && $0.isFinite }
        (self.beta, self.smoothing, self.score, self.imitation) = (beta, smoothing, score, imitation)
        self.reference = ReferenceScores(reference)
    }

    public var identity: String { "preference \(beta) \(smoothing) \(score) \(imitation)" }

    public func count(_ batch: TrainingBatch) -> Int { batch.documents.count / 2 }

    public func callAsFunction(_ network: any LanguageModel, _ batch: TrainingBatch, _ rows: Batch) throws -> Measured {
        guard batch.documents.count % 2 == 0 else { throw TrainingError.unpaired(documents: batch.documents.count) }
        let sums = Sums(batch, score), pairs = count(batch)
        let now = logprobs(network.states(rows), network.head, batch.targets)
        let rewards = (sums.documents(now + reference(batch) * -1) * beta).reshaped(pairs, 2)
        let right = crossEntropy(rewards, [Int32](repeating: 0, count: pairs))
        let wrong = crossEntropy(rewards, [Int32](repeating: 1, count: pairs))
        let order = smoothing == 0 ? right : right * (1 - smoothing) + wrong * smoothing
        let loss = imitation == 0 ? order : order + sums.chosen(now) * -imitation
        return Measured(loss, metrics: metrics(rewards.scalars))
    }

    private func metrics(_ rewards: [Float]) -> [String: Double] {
        let chosen = stride(from: 0, to: rewards.count, by: 2).map { Double(rewards[$0]) }
        let rejected = stride(from: 1, to: rewards.count, by: 2).map { Double(rewards[$0]) }
        let count = Double(max(1, chosen.count)), means = (chosen.reduce(0, +) / count, rejected.reduce(0, +) / count)
        return [
            "rewards.chosen": means.0, "rewards.rejected": means.1, "rewards.margin": means.0 - means.1,
            "rewards.accuracy": Double(zip(chosen, rejected).count { $0 > $1 }) / count,
        ]
    }
}

/// Sums of a batch's rows, as products with a matrix of weights.
private struct Sums {
    private let byDocument, ofChosen: Tensor

    init(_ batch: TrainingBatch, _ score: Preference.Score) {
        let rows = batch.tokens.count, documents = batch.documents
        var shares = [Float](repeating: 0, count: documents.count * rows), chosen = [Float](repeating: 0, count: rows)
        for (index, document) in documents.enumerated() {
            let counted = document.filter { batch.targets[$0] >= 0 }
            let share = score == .sum ? 1 : 1 / Float(max(1, counted.count))
            for row in counted { shares[index * rows + row] = share }
            if index % 2 == 0 { for row in counted { chosen[row] = 1 } }
        }
        let count = max(1, chosen.reduce(0, +))
        byDocument = Tensor(shares, shape: [documents.count, rows])
        ofChosen = Tensor(chosen.map { $0 / count }, shape: [1, rows])
    }

    /// The score of each document, `[1, documents]`.
    func documents(_ logprobs: Tensor) -> Tensor { linear(logprobs.reshaped(1, -1), byDocument) }

    /// The mean over the chosen documents' tokens, a scalar.
    func chosen(_ logprobs: Tensor) -> Tensor { linear(logprobs.reshaped(1, -1), ofChosen).reshaped() }
}
