import Synchronization

/// What one op did, as far as its gradient needs it. There are steps only downstream of what somebody differentiates by.
///
/// A step belongs to the thread that differentiates; what it remembers is dropped as soon as it has been used.
final class Step: @unchecked Sendable {
    /// Gradients with respect to the inputs, from that with respect to the result; nil for inputs without one.
    typealias Pullback = (_ gradient: Tensor) -> [Tensor?]
    /// Adds the gradients with respect to the inputs to what there is of them so far, nil where there is nothing.
    typealias Adding = (_ gradient: Tensor, _ sums: inout [Tensor?]) -> Void

    /// Higher than that of every step before.
    let number: Int
    let inputs: [Step?]
    private var pullback: Adding?
    /// Makes the result again, to the bit; nil where it is remembered by those who need it.
    var make: (() -> Tensor)?
    /// The result made again, from the first who asked until the step is pulled.
    private var remade: Tensor?

    private static let count = Atomic(0)

    /// How many ask for a gradient just now.
    private static let asking = Atomic(0)

    /// Whether anybody does; if not, nothing is tracked, and an op need not even look.
    static var isAsked: Bool { asking.load(ordering: .relaxed) > 0 }

    static func whileAsked<Result>(_ body: () throws -> Result) rethrows -> Result {
        asking.add(1, ordering: .relaxed)
        defer { asking.subtract(1, ordering: .relaxed) }
        return try body()
    }

    /// The number of the step made last.
    static var latest: Int { count.load(ordering: .relaxed) }

    init(_ inputs: [Step?], _ pullback: @escaping Adding) {
        number = Step.count.wrappingAdd(1, ordering: .relaxed).newValue
        (self.inputs, self.pullback) = (inputs, pullback)
    }

    /// Makes the result again, once for all who ask before the step is pulled; nil where it is remembered.
    var again: (() -> Tensor)? {
        guard make != nil else { return nil }
        return { [self] in
            guard let result = remade ?? make?() else { preconditionFailure("a result is made again in vain") }
            remade = result
            return result
        }
    }

    /// Adds the gradients with respect to the inputs to the sums of those.
    func pull(_ gradient: Tensor, to sums: inout [Tensor?]) {
        guard let pullback else { preconditionFailure("a gradient can be asked for once") }
        (self.pullback, make, remade) = (nil, nil, nil)
        pullback(gradient, &sums)
    }
}

extension Tensor {
    /// Whether somebody asks for a gradient with respect to what this was made from.
    var isTracked: Bool { step != nil }

    /// The same tensor, made by an op from `inputs`; untracked unless one of these is tracked.
    func made(from inputs: @autoclosure () -> [Tensor?], _ pullback: @autoclosure () -> Step.Pullback) -> Tensor {
        guard Step.isAsked else { return self }
        let pullback = pullback()
        return made(
            from: inputs(),
            adding: { gradient, sums in
                for (index, piece) in pullback(gradient).enumerated() {
                    if let piece { accumulate(piece, into: &sums[index]) }
                }
            }
        )
    }

    /// The same for an op that adds to what there is of a gradient without making its part first.
    func made(from inputs: @autoclosure () -> [Tensor?], adding pullback: @autoclosure () -> Step.Adding) -> Tensor {
        guard Step.isAsked else { return self }
        let inputs = inputs()
        guard inputs.contains(where: { $0?.isTracked ?? false }) else { return self }
        return with(Step(inputs.map { $0?.step }, pullback()))
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
    var gradient: [String: Tensor] = [:]
    let value = try value(of: parameters, addingGradientTo: &gradient, function)
    return (value, gradient)
}

/// Returns the value of a scalar function, and adds its gradient to a sum of gradients, in place.
///
/// - Parameters:
///   - parameters: tensors of a float type. Those that the function does not use add nothing.
///   - sum: by the parameters' names; what is missing is zero.
public func value(
    of parameters: [String: Tensor],
    addingGradientTo sum: inout [String: Tensor],
    _ function: ([String: Tensor]) throws -> Tensor
) rethrows -> Float {
    try Step.whileAsked { try addGradient(of: parameters, to: &sum, function) }
}

private func addGradient(
    of parameters: [String: Tensor],
    to sum: inout [String: Tensor],
    _ function: ([String: Tensor]) throws -> Tensor
) rethrows -> Float {
    let leaves = parameters.mapValues { $0.with(Step([]) { _, _ in }) }
    let value = try function(leaves)
    precondition(value.shape.elements == 1, "only a scalar has a gradient, not \(value.shape)")
    var gradients: [ObjectIdentifier: Tensor] = [:]
    for (name, leaf) in leaves { gradients[ObjectIdentifier(leaf.step!)] = sum.removeValue(forKey: name) }
    addGradients(of: value, to: &gradients)
    for (name, leaf) in leaves { sum[name] = gradients.removeValue(forKey: ObjectIdentifier(leaf.step!)) }
    return value.scalars[0]
}

/// Adds the gradients of a scalar with respect to those steps without inputs that it was made from.
private func addGradients(of value: Tensor, to gradients: inout [ObjectIdentifier: Tensor]) {
    guard let last = value.step else { return }
    accumulate(Tensor([1 as Float], shape: value.shape), into: &gradients[ObjectIdentifier(last)])
    addGradients(from: last, to: &gradients) { !$0.inputs.isEmpty }
}

/// Walks the steps from the last, whose gradient is there, to the first, each gradient forgotten as it is used; those of steps that
/// are not passed are left.
///
/// - Parameter isPassed: whether to go on to what a step was made from; true of the last.
func addGradients(from last: Step, to gradients: inout [ObjectIdentifier: Tensor], _ isPassed: (Step) -> Bool) {
    for step in steps(before: last, isPassed) where isPassed(step) { pull(step, &gradients) }
}

/// From the gradient with respect to what a step made, if there is one, to those with respect to what it was made from.
func pull(_ step: Step, _ gradients: inout [ObjectIdentifier: Tensor]) {
    guard let gradient = gradients.removeValue(forKey: ObjectIdentifier(step)) else { return }
    var sums = step.inputs.map { $0.flatMap { gradients.removeValue(forKey: ObjectIdentifier($0)) } }
    step.pull(gradient, to: &sums)
    for (index, input) in step.inputs.enumerated() {
        guard let input, let sum = sums[index] else { continue }
        sums[index] = nil
        accumulate(sum, into: &gradients[ObjectIdentifier(input)])
    }
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
