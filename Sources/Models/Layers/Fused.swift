import Checkpoints
import Tensors

/// Llama's attention with one map for queries, keys and values, in this order.
struct FusedAttention: Mixing {
    let input, output: Linear, widths: [Int], layer: Int, headWidth: Int, window: Int?

    /// - Parameters:
    ///   - name: what the family calls the one map.
    ///   - output: what it calls the map after attention.
    init(_ c: Llama.Configuration, layer: Int, name: String, output: String = "o_proj", _ w: Weights) throws {
        widths = [c.heads, c.kvHeads, c.kvHeads].map { $0 * c.headWidth }
        input = try Linear(c.width, widths.reduce(0, +), bias: c.bias.queries, w[name])
        self.output = try Linear(c.heads * c.headWidth, c.width, bias: c.bias.output, w[output])
        (self.layer, headWidth, window) = (layer, c.headWidth, c.window)
    }

    var takesBytes: Bool { input.takesBytes }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ batch: Batch) -> Tensor {  // x is [rows, width]
        var y = split(input(x), widths: widths).map { $0.reshaped(batch.count, -1, headWidth) }
        // Taken out, so that nobody else has what turns.
        let value = y.removeLast(), k = rotary(y.removeLast(), angles), q = rotary(y.removeLast(), angles)
        return output(batch.attend(q, k, value, layer: layer, window: window))
    }
}

/// SwiGLU with one map for gate and up, in this order.
struct FusedSwiGLU: FeedForward {
    let input, output: Linear

    /// - Parameter names: what the family calls the two maps.
    init(
        _ width: Int,
        _ mlpWidth: Int,
        names: (input: String, output: String) = ("gate_up_proj", "down_proj"),
        _ w: Weights
    ) throws {
        input = try Linear(width, 2 * mlpWidth, w[names.input])
        output = try Linear(mlpWidth, width, w[names.output])
    }

    var takesBytes: Bool { input.takesBytes }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let y = split(input(x), into: 2)
        return output(swiGLU(y[0], y[1], isRounded: output.takesBytes))
    }
}
