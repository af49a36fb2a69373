public import Checkpoints
public import Tensors

/// The gated feed-forward of Shazeer 2020: `down(silu(gate(x)) * up(x))`.
public struct SwiGLU: Sendable {
    /// Gate and up.
    let inputs: Linear.Several
    let down: Linear

    public init(_ width: Int, _ mlpWidth: Int, bias: Bool = false, _ weights: Weights) throws {
        try self.init(width, mlpWidth, bias: bias, names: ("gate_proj", "up_proj", "down_proj"), weights)
    }

    /// - Parameter names: what the family calls the three maps.
    init(
        _ width: Int,
        _ mlpWidth: Int,
        bias: Bool = false,
        names: (gate: String, up: String, down: String),
        _ weights: Weights
    ) throws {
        let gate = try Linear(width, mlpWidth, bias: bias, weights[names.gate])
        inputs = .init([gate, try Linear(width, mlpWidth, bias: bias, weights[names.up])])
        down = try Linear(mlpWidth, width, bias: bias, weights[names.down])
    }

    var takesBytes: Bool { inputs.takesBytes }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let y = inputs(x)
        return down(swiGLU(y[0], y[1], isRounded: down.takesBytes))
    }
}
