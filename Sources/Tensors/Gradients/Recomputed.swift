/// What `function` returns; what it works out on the way is not remembered for the gradient, but worked out again
/// (Chen et al. 2016).
///
/// Only what the function captures stays in memory. It must return the same bits whenever it is called; the gradient is then the same
/// to the bit as without.
public func recomputed(_ function: @escaping () -> Tensor) -> Tensor {
    let start = Step.latest, result = function()
    guard let last = result.step, last.number > start else { return result }
    let boundary = steps(before: last) { $0.number > start }.filter { $0.number <= start }
    return result.with(
        Step(boundary) { gradient, sums in
            guard let last = function().step else { preconditionFailure("recomputed: not the function it was") }
            var gradients = [ObjectIdentifier(last): gradient]
            for (index, step) in boundary.enumerated() {
                gradients[ObjectIdentifier(step)] = sums[index]
                sums[index] = nil
            }
            addGradients(from: last, to: &gradients) { $0.number > start }
            for (index, step) in boundary.enumerated() {
                sums[index] = gradients.removeValue(forKey: ObjectIdentifier(step))
            }
        }
    )
}
