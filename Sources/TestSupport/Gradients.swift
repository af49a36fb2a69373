public import Tensors
public import Testing

/// Expects the gradient of a function of some parameters to agree with differences of its values.
///
/// The result of `function` is made a scalar by weighing its elements with fixed numbers. Each element of each parameter is
/// moved by `step` both ways.
public func expectGradient(
    of parameters: [String: Tensor],
    step: Float = 1e-2,
    absolute: Float = 2e-3,
    relative: Float = 1e-2,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ function: ([String: Tensor]) throws -> Tensor
) rethrows {
    let elements = try function(parameters).shape.elements
    var random = SplitMix(seed: 99)
    let weights = random.floats(elements)
    func scalar(_ parameters: [String: Tensor]) throws -> Tensor {
        let y = try function(parameters)
        return linear(y.reshaped(1, elements), Tensor(weights, shape: [1, elements])).reshaped(1)
    }
    let gradient = try valueAndGradient(of: parameters, scalar).gradient
    for (name, tensor) in parameters {
        let values = tensor.scalars
        let differences = try values.indices.map { index in
            func moved(_ by: Float) throws -> Double {
                var values = values
                values[index] += by
                var parameters = parameters
                parameters[name] = Tensor(values, shape: tensor.shape)
                let y = try function(parameters).scalars
                return zip(y, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
            return try Float((moved(step) - moved(-step)) / Double(2 * step))
        }
        let expected = Tensor(differences, shape: tensor.shape)
        let found = gradient[name] ?? Tensor([Float](repeating: 0, count: values.count), shape: tensor.shape)
        expectClose(found, expected, absolute: absolute, relative: relative, name, sourceLocation: sourceLocation)
    }
}
