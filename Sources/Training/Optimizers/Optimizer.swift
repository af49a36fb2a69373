public import Tensors

/// Moves parameters against their gradient.
///
/// Weight decay pulls on matrices, not on norms and biases. A value: what it remembers of earlier steps is in `memory`, by names that a checkpoint can keep.
public protocol Optimizer: Sendable {
    /// What is remembered of earlier steps: float32 tensors, and int32 ones where it is packed.
    var memory: [String: Tensor] { get set }
    /// How many steps there were.
    var steps: Int { get set }
    /// What its steps depend on beyond these: its name and settings. A run is only continued with those it began with.
    var identity: String { get }

    /// One parameter's share of a step, which `steps` counts already.
    ///
    /// - Parameters:
    ///   - parameter: a float32 tensor; a buffer that nobody else holds is reused.
    ///   - rate: the learning rate of this step.
    mutating func move(_ name: String, _ parameter: inout Tensor, along slope: Tensor, rate: Float)
}

extension Optimizer {
    /// Takes one step. Parameters without a gradient stay as they are.
    public mutating func update(_ parameters: inout [String: Tensor], along gradient: [String: Tensor], rate: Float) {
        steps += 1
        for (name, slope) in gradient {
            guard var parameter = parameters.removeValue(forKey: name) else { continue }
            move(name, &parameter, along: slope, rate: rate)
            parameters[name] = parameter
        }
    }

    /// Takes a tensor of the memory out, zeros at first, so that nobody else holds it while it changes.
    mutating func recall(_ name: String, like tensor: Tensor) -> Tensor { recall(name, tensor.shape) }

    mutating func recall(_ name: String, _ shape: Shape) -> Tensor {
        memory.removeValue(forKey: name) ?? Tensor.zeros(shape)
    }
}

/// Whether weight decay pulls on a parameter: on matrices, not on norms and biases (as GPT-2's and Llama's makers do).
func decays(_ parameter: Tensor) -> Bool { parameter.shape.count >= 2 }
