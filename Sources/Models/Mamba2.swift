public import Checkpoints
public import Tensors

/// Mamba-2 (Dao & Gu 2024): no attention, but in each block a short convolution and a state space, whose state is all that a sequence
/// leaves behind.
///
/// Norms after the gate are of each group of heads by itself, as in the authors' code and the network of Codestral Mamba.
public struct Mamba2: LanguageModel {
    public let vocabulary: Int, cacheShape: CacheShape
    let embedding: Embedding, blocks: [Block], norm: RMSNorm
    public let head: AffineMap

    public init(_ settings: Settings, _ weights: Weights) throws {
        let c = try Configuration(settings), w = weights["backbone"]
        vocabulary = c.vocabulary
        embedding = try Embedding(c.vocabulary, c.width, w["embeddings"])
        blocks = try layers(c.layers, w["layers"], first: "norm.weight") { try Block(c, layer: $0, $1) }
        norm = try RMSNorm(c.width, epsilon: c.epsilon, w["norm_f"])
        head = try c.tied ? embedding.head : Linear(c.width, c.vocabulary, weights["lm_head"]).head
        cacheShape = c.cacheShape
    }

    public func states(_ batch: Batch) -> Tensor {
        let states = blocks.reduce(embedding(batch.tokens)) { x, block in
            batch.remembers ? block(x, batch) : recomputed { block(x, batch) }
        }
        return norm(batch.selected(states))
    }

    struct Block: Sendable {
        let norm: RMSNorm, mixer: Mixer, dropout: Dropout

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            norm = try RMSNorm(c.width, epsilon: c.epsilon, w["norm"])
            mixer = try Mixer(c, layer: layer, w["mixer"])
            dropout = w["mixer"].residualDropout
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor { x + dropout(mixer(norm(x), batch)) }
    }

    struct Mixer: Sendable {
        let input, output: Linear, kernel, kernelBias: Tensor, space: StateSpace, norm: GroupedNorm
        let layer: Int, widths: (parts: [Int], mixed: [Int])

        init(_ c: Configuration, layer: Int, _ w: Weights) throws {
            (self.layer, widths) = (layer, ([c.inner, c.mixed, c.heads], [c.inner, c.shared, c.shared]))
            input = try Linear(c.width, c.inner + c.mixed + c.heads, bias: c.isBiased, w["in_proj"])
            let bound = 1 / Float(c.taps).squareRoot()
            kernel = try w["conv1d"].tensor("weight", [c.mixed, 1, c.taps], uniform: bound)
            let none = Tensor([Float](repeating: 0, count: c.mixed), shape: [c.mixed])
            kernelBias = c.convolutionIsBiased ? try w["conv1d"].tensor("bias", [c.mixed]) : none
            space = StateSpace(
                heads: c.heads,
                width: c.headWidth,
                groups: c.groups,
                states: c.states,
                logRate: try w.tensor("A_log", [c.heads], fill: 1),
                stepBias: try w.tensor("dt_bias", [c.heads], fill: -4),
                skip: try w.tensor("D", [c.heads], fill: 1),
                steps: c.steps
            )
            norm = try GroupedNorm(c.inner, groups: c.groups, epsilon: c.epsilon, w["norm"])
            output = try Linear(c.inner, c.width, bias: c.isBiased, w["out_proj"])
        }

        func callAsFunction(_ x: Tensor, _ batch: Batch) -> Tensor {  // x is [rows, width]
            let parts = split(input(x), widths: widths.parts)
            let kept = 0..<(kernel.shape[2] - 1) * kernel.shape[0]
            let mixed = silu(
                batch.convolved(parts[1], kernel.reshaped(kernel.shape[0], -1), kernelBias, layer: layer, part: kept)
            )
            let y = split(mixed, widths: widths.mixed)
            let inputs = ScanInputs(x: y[0], b: y[1], c: y[2], delta: parts[2])
            let part = kept.upperBound..<kept.upperBound + space.size
            return output(norm(swiGLU(parts[0], batch.scanned(inputs, space, layer: layer, part: part))))
        }
    }

    /// Root-mean-square normalisation of each of some equal parts of a row.
    struct GroupedNorm: Sendable {
        private let weight, ones: Tensor, groups: Int, epsilon: Float

        init(_ width: Int, groups: Int, epsilon: Float, _ w: Weights) throws {
            weight = try w.tensor("weight", [width], fill: 1)
            ones = Tensor([Float](repeating: 1, count: width / groups), shape: [width / groups])
            (self.groups, self.epsilon) = (groups, epsilon)
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            let normed = rmsNorm(x.reshaped(x.shape.rows * groups, -1), ones, epsilon: epsilon)
            return columnwise(normed.reshaped(x.shape.rows, -1), times: weight)
        }
    }
}

extension Mamba2 {
    struct Configuration {
        let vocabulary, width, layers, heads, headWidth, groups, states, taps: Int
        let epsilon: Float, steps: ClosedRange<Float>, isBiased, convolutionIsBiased, tied: Bool

        /// Channels of all heads; numbers of all groups' `b` or `c`; and what the convolution mixes.
        var inner: Int { heads * headWidth }
        var shared: Int { groups * states }
        var mixed: Int { inner + 2 * shared }

        init(_ s: Settings) throws {
            vocabulary = try s.positive("vocab_size")
            width = try s.positive("hidden_size")
            layers = try s.size("num_hidden_layers", atMost: 1 << 16)
            heads = try s.size("num_heads", atMost: 1 << 16)
            headWidth = try s.size("head_dim", atMost: 1 << 12)
            groups = try s.size("n_groups", atMost: heads)
            states = try s.size("state_size", atMost: 1 << 12)
            taps = try s.size("conv_kernel", atMost: 64)
            epsilon = try s("layer_norm_epsilon", default: 1e-5)
            isBiased = try s("use_bias", default: false)
            convolutionIsBiased = try s("use_conv_bias", default: true)
            tied = try s("tie_word_embeddings", default: false)
            steps = try Configuration.steps(s)
            guard heads % groups == 0 else {
                let expected = "a divisor of the \(heads) heads"
                throw CheckpointError.setting(key: "n_groups", value: "\(groups)", expected: expected)
            }
        }

        private static func steps(_ s: Settings) throws -> ClosedRange<Float> {
            guard let limits = s["time_step_limit"], limits != .null else { return 0 ... .infinity }
            guard case .array(let values) = limits else {
                throw CheckpointError.setting(key: "time_step_limit", value: "\(limits)", expected: "two numbers")
            }
            let bounds = values.compactMap { $0 == .number(.infinity) ? .infinity : Float(setting: $0) }
            guard values.count == 2, bounds.count == 2, bounds[0] >= 0, bounds[0] <= bounds[1] else {
                let expected = "two numbers from 0 on, the smaller first"
                throw CheckpointError.setting(key: "time_step_limit", value: "\(bounds)", expected: expected)
            }
            return bounds[0]...bounds[1]
        }

        var cacheShape: CacheShape {
            CacheShape(stateLayers: layers, stateSize: (taps - 1) * mixed + inner * states)
        }
    }

    /// What a network of such settings keeps.
    public static func cacheShape(_ settings: Settings) throws -> CacheShape {
        try Configuration(settings).cacheShape
    }
}

extension Settings {
    fileprivate func size(_ key: String, atMost most: Int) throws -> Int {
        let size = try positive(key)
        guard size <= most else {
            throw CheckpointError.setting(key: key, value: "\(size)", expected: "a whole number from 1 to \(most)")
        }
        return size
    }
}
