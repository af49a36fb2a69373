public import Checkpoints
public import Tensors

/// The gated feed-forward of Shazeer 2020: `down(silu(gate(x)) * up(x))`.
public struct SwiGLU: Sendable {
    let gate, up, down: Linear

    public init(_ width: Int, _ mlpWidth: Int, bias: Bool = false, _ weights: Weights) throws {
        gate = try Linear(width, mlpWidth, bias: bias, weights["gate_proj"])
        up = try Linear(width, mlpWidth, bias: bias, weights["up_proj"])
        down = try Linear(mlpWidth, width, bias: bias, weights["down_proj"])
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let y = Linear.each([gate, up], x)
        return down(swiGLU(y[0], y[1]))
    }
}
