import Bundles
public import Checkpoints
import Models
public import Tensors

/// A small change to a network's linear maps, learnt instead of the maps themselves: LoRA (Hu et al. 2021), over a quantised base
/// QLoRA (Dettmers et al. 2023), and DoRA (Liu et al. 2024).
///
/// Its parameters lie beside the weights, under the names `PATH.lora_A.weight` `[rank, inputs]`, `PATH.lora_B.weight`
/// `[outputs, rank]` and for DoRA `PATH.lora_magnitude_vector` `[outputs]`, as PEFT keeps them.
public struct Adapter: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// `W + f · B · A`.
        case lora
        /// The same with rows whose lengths are learnt apart. For the gradient, the length of the sum is a constant.
        case dora
    }

    /// The factor of `B · A`.
    public enum Scaling: String, Sendable, Hashable, Codable, CaseIterable {
        /// `alpha / rank`.
        case plain
        /// `alpha / √rank` (Kalajdzievski 2023).
        case rankStabilized
    }

    /// Which linear maps are adapted.
    public enum Targets: Sendable, Hashable, Codable {
        /// All but the one that scores the vocabulary.
        case allLinear
        /// Those whose path is one of these or ends in one, such as `q_proj` or `self_attn.q_proj`.
        case named([String])
    }

    public let kind: Kind, scaling: Scaling, targets: Targets
    public let rank: Int, alpha: Float
    /// The share of what goes into the adapter that a step of training leaves out.
    public let dropout: Float

    /// - Throws: ``TrainingError/setting(name:value:expected:)`` where a number is out of its range.
    public init(
        _ kind: Kind = .lora,
        rank: Int = 8,
        alpha: Float = 16,
        scaling: Scaling = .plain,
        targets: Targets = .allLinear,
        dropout: Float = 0
    ) throws {
        try check("rank", Float(rank), "a whole number from 1 to 65536") { $0 >= 1 && $0 <= 65536 }
        try check("alpha", alpha, "a number above 0") { $0 > 0 && $0.isFinite }
        try check("lora_dropout", dropout, "a share from 0 to below 1") { $0 >= 0 && $0 < 1 }
        (self.kind, self.rank, self.alpha) = (kind, rank, alpha)
        (self.scaling, self.targets, self.dropout) = (scaling, targets, dropout)
    }

    /// What `B · A` is multiplied by.
    public var factor: Float {
        switch scaling {
        case .plain: alpha / Float(rank)
        case .rankStabilized: alpha / Float(rank).squareRoot()
        }
    }

    /// Parameters that change nothing yet: A uniform in ±1/√inputs (He et al. 2015, as PEFT draws it), B zero, and magnitudes as
    /// they are. They depend on the seed and their names alone.
    ///
    /// - Throws: ``TrainingError/targets(unknown:known:)`` where no linear map has a name that was asked for.
    public func fresh(_ settings: Settings, over base: any WeightSource, seed: UInt64) throws -> [String: Tensor] {
        let random = RandomWeights(seed: seed)
        var parameters: [String: Tensor] = [:]
        for path in try paths(settings, base) {
            guard let weight = try base.tensor("\(path).weight", nil) else {
                throw CheckpointError.missingTensor("\(path).weight")
            }
            let (outputs, inputs) = (weight.shape[0], weight.shape[1])
            let a = Initializer(shape: [rank, inputs], bound: 1 / Float(inputs).squareRoot(), value: 0)
            parameters["\(path).lora_A.weight"] = random.tensor("\(path).lora_A.weight", a)
            let b = Tensor.zeros([outputs, rank])
            parameters["\(path).lora_B.weight"] = b
            guard kind == .dora, let a = parameters["\(path).lora_A.weight"] else { continue }
            parameters["\(path).lora_magnitude_vector"] = LowRankSum(weight, a: a, b: b).norms
        }
        return parameters
    }

    /// The parameters as a network reads them: with the factor in B.
    public func opened(_ parameters: [String: Tensor]) -> [String: Tensor] {
        AdapterBundle.folded(parameters, scale: factor)
    }
}
