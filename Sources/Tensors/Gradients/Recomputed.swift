/// What `function` returns; what it works out on the way is not remembered for the gradient, but worked out again
/// (Chen et al. 2016).
///
/// Only what the function captures stays in memory. It must return the same bits whenever it is called. The gradient is the same
/// to the bit as without, unless a tensor is used both inside and outside, whose gradients are then added in another order.
public func recomputed(_ function: @escaping () -> Tensor) -> Tensor {
    let start = Step.latest, result = function()
    guard let last = result.step, last.number > start else { return result }
    let boundary = steps(before: last) { $0.number > start }.filter { $0.number <= start }
    return result.with(
        Step(boundary) { gradient in
            guard let last = function().step else { preconditionFailure("recomputed: not the function it was") }
            let gradients = backward(from: last, gradient) { $0.number > start }
            return boundary.map { gradients[ObjectIdentifier($0)] }
        }
    )
}
