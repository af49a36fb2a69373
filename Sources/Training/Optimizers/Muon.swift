public import Tensors

/// Momentum whose singular values are made equal (Jordan et al. 2024), for the matrices of a network's layers; another optimiser
/// for the rest: embeddings, the head, norms and biases.
///
/// A matrix's step is scaled by `0.2 √max(rows, columns)`, so that it is about as large as Adam's and one learning rate serves all
/// (Liu et al. 2025). Weight decay pulls on matrices, not on norms and biases.
public struct Muon: Optimizer {
    public var momentum: Float, decay: Float
    /// What moves the parameters that are no matrix of a layer.
    public var others: AdamW
    private var momenta: [String: Tensor] = [:]

    public init(momentum: Float = 0.95, decay: Float = 0.1, others: AdamW = AdamW()) {
        (self.momentum, self.decay, self.others) = (momentum, decay, others)
    }

    public var identity: String { "Muon \(momentum) \(decay) \(others.identity)" }

    /// That of both optimisers.
    public var memory: [String: Tensor] {
        get { momenta.merging(others.memory) { $1 } }
        set {
            momenta = newValue.filter { $0.key.hasPrefix(Self.prefix) }
            others.memory = newValue.filter { !$0.key.hasPrefix(Self.prefix) }
        }
    }

    public var steps: Int {
        get { others.steps }
        set { others.steps = newValue }
    }

    private static let prefix = "momentum."

    public mutating func move(_ name: String, _ parameter: inout Tensor, along slope: Tensor, rate: Float) {
        guard Self.isOfLayer(name, slope) else {
            return others.move(name, &parameter, along: slope, rate: rate)
        }
        let before = momenta.removeValue(forKey: Self.prefix + name) ?? Tensor.zeros(slope.shape)
        let average = before * momentum + slope * (1 - momentum)
        let way = (slope * (1 - momentum) + average * momentum).orthogonalized
        let size = 0.2 * Float(max(slope.shape[0], slope.shape[1])).squareRoot()
        parameter = parameter * (1 - rate * decay) + way * (-rate * size)
        momenta[Self.prefix + name] = average
    }

    /// Layers have numbers: `model.layers.3.mlp.up_proj.weight` is of one, `lm_head.weight` is not.
    static func isOfLayer(_ name: String, _ tensor: Tensor) -> Bool {
        tensor.shape.count == 2 && name.split(separator: ".").contains { $0.allSatisfy(\.isNumber) }
    }
}
