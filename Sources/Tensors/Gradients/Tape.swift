import Synchronization

/// What one op did, as far as its gradient needs it. There are steps only downstream of what somebody differentiates by.
///
/// A step belongs to the thread that differentiates; what it remembers is dropped as soon as it has been used.
final class Step: @unchecked Sendable {
    /// Gradients with respect to the inputs, from that with respect to the result; nil for inputs without one.
    typealias Pullback = (_ gradient: Tensor) -> [Tensor?]

    /// Higher than that of every step before.
    let number: Int
    let inputs: [Step?]
    private var pullback: Pullback?

    private static let count = Atomic(0)

    /// The number of the step made last.
    static var latest: Int { count.load(ordering: .relaxed) }

    init(_ inputs: [Step?], _ pullback: @escaping Pullback) {
        number = Step.count.wrappingAdd(1, ordering: .relaxed).newValue
        (self.inputs, self.pullback) = (inputs, pullback)
    }

    func pull(_ gradient: Tensor) -> [Tensor?] {
        defer { pullback = nil }
        guard let pullback else { preconditionFailure("a gradient can be asked for once") }
        return pullback(gradient)
    }
}

extension Tensor {
    /// Whether somebody asks for a gradient with respect to what this was made from.
    var isTracked: Bool { step != nil }

    /// The same tensor, made by an op from `inputs`; untracked unless one of these is tracked.
    func made(from inputs: [Tensor?], _ pullback: @escaping Step.Pullback) -> Tensor {
        guard inputs.contains(where: { $0?.isTracked ?? false }) else { return self }
        return with(Step(inputs.map { $0?.step }, pullback))
    }

    /// The same elements, whatever they were made from.
    public var detached: Tensor { with(nil) }
}

/// Returns the value of a scalar function and its gradient with respect to each parameter.
///
/// ```swift
/// let (loss, gradient) = valueAndGradient(of: parameters) { parameters in
///     crossEntropy(Llama(settings, Weights(parameters))(batch), targets)
/// }
/// ```
///
/// Reverse mode (Linnainmaa 1970): ops run at once, and remember what their gradient needs as long as a parameter is upstream.
/// Sums are made in the order of the ops, so the result does not depend on the number of threads.
///
/// - Parameter parameters: tensors of a float type. Those that the function does not use have no gradient.
public func valueAndGradient(
    of parameters: [String: Tensor],
    _ function: ([String: Tensor]) throws -> Tensor
) rethrows -> (value: Float, gradient: [String: Tensor]) {
    let leaves = parameters.mapValues { $0.with(Step([]) { _ in [] }) }
    let value = try function(leaves)
    precondition(value.shape.elements == 1, "only a scalar has a gradient, not \(value.shape)")
    let gradients = backward(from: value)
    return (value.scalars[0], leaves.compactMapValues { gradients[ObjectIdentifier($0.step!)] })
}

/// The gradients of those steps without inputs that a scalar was made from.
private func backward(from value: Tensor) -> [ObjectIdentifier: Tensor] {
    guard let last = value.step else { return [:] }
    return backward(from: last, Tensor([1 as Float], shape: value.shape)) { !$0.inputs.isEmpty }
}

/// Walks the steps from the last to the first; returns the gradients of those that are not passed.
///
/// - Parameters:
///   - gradient: that with respect to what the last step made.
///   - isPassed: whether to go on to what a step was made from; true of the last.
func backward(from last: Step, _ gradient: Tensor, _ isPassed: (Step) -> Bool) -> [ObjectIdentifier: Tensor] {
    var gradients = [ObjectIdentifier(last): gradient]
    for step in steps(before: last, isPassed) where isPassed(step) {
        guard let gradient = gradients.removeValue(forKey: ObjectIdentifier(step)) else { continue }
        for (input, piece) in zip(step.inputs, step.pull(gradient)) {
            guard let input, let piece else { continue }
            let id = ObjectIdentifier(input)
            gradients[id] = gradients[id].map { $0 + piece } ?? piece
        }
    }
    return gradients
}

/// A step and all upstream of it as far as steps are passed, the latest first.
func steps(before last: Step, _ isPassed: (Step) -> Bool) -> [Step] {
    var found = [last], seen = Set([ObjectIdentifier(last)]), next = 0
    while next < found.count {
        defer { next += 1 }
        guard isPassed(found[next]) else { continue }
        for case let input? in found[next].inputs where seen.insert(ObjectIdentifier(input)).inserted {
            found.append(input)
        }
    }
    return found.sorted { $0.number > $1.number }
}
