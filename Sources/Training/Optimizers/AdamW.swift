import Foundation
public import Tensors

/// Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019).
public struct AdamW: Optimizer {
    public var beta1: Float, beta2: Float, epsilon: Float, decay: Float
    public var memory: [String: Tensor] = [:]
    public var steps = 0

    public init(beta1: Float = 0.9, beta2: Float = 0.95, epsilon: Float = 1e-8, decay: Float = 0.1) {
        (self.beta1, self.beta2, self.epsilon, self.decay) = (beta1, beta2, epsilon, decay)
    }

    public var identity: String { "AdamW \(beta1) \(beta2) \(epsilon) \(decay)" }

    public mutating func update(_ parameters: inout [String: Tensor], along gradient: [String: Tensor], rate: Float) {
        steps += 1
        let bias1 = 1 - pow(Double(beta1), Double(steps)), bias2 = 1 - pow(Double(beta2), Double(steps))
        for (name, slope) in gradient {
            guard var parameter = parameters.removeValue(forKey: name) else { continue }
            var first = recall("first.\(name)", like: slope), second = recall("second.\(name)", like: slope)
            let kept = decays(parameter) ? 1 - rate * decay : 1
            adamStep(
                &parameter,
                &first,
                &second,
                slope,
                AdamFactors(
                    beta1: beta1,
                    beta2: beta2,
                    epsilon: epsilon * Float(bias2.squareRoot()),
                    rate: rate * Float(bias2.squareRoot() / bias1),
                    kept: kept
                )
            )
            (memory["first.\(name)"], memory["second.\(name)"], parameters[name]) = (first, second, parameter)
        }
    }
}
