/// Returns the value of a scalar function, and moves its parameters while the gradient is worked out: each as soon as its own part is
/// whole, which is then forgotten.
///
/// What stands in memory is the largest gradients instead of all (Lv et al. 2023). Gradients are the same, to the bit, as
/// ``valueAndGradient(of:_:)``'s. Nothing moves where the value is not finite.
///
/// - Parameters:
///   - parameters: tensors of a float type; a buffer that nobody else holds is moved in place. Those that the function does not use
///     stay as they are.
///   - function: must not keep what it is given.
///   - move: is called once for each parameter that has a gradient.
public func value(
    moving parameters: inout [String: Tensor],
    along function: ([String: Tensor]) throws -> Tensor,
    _ move: (_ name: String, _ parameter: inout Tensor, _ gradient: Tensor) -> Void
) rethrows -> Float {
    try Step.whileAsked {
        let (value, leaves) = try traced(parameters, function)
        precondition(value.shape.elements == 1, "only a scalar has a gradient, not \(value.shape)")
        let result = value.scalars[0]
        guard result.isFinite, let last = value.step else { return result }
        var descent = Descent(from: last, to: leaves)
        descent.run(Tensor([1 as Float], shape: value.shape)) { name, gradient in
            guard var parameter = parameters.removeValue(forKey: name) else { return }
            move(name, &parameter, gradient)
            parameters[name] = parameter
        }
        return result
    }
}

/// The value, and the steps that stand for the parameters, which nobody holds any more.
private func traced(
    _ parameters: [String: Tensor],
    _ function: ([String: Tensor]) throws -> Tensor
) rethrows -> (Tensor, [String: Step]) {
    let leaves = parameters.mapValues { $0.with(Step([]) { _, _ in }) }
    return (try function(leaves), leaves.compactMapValues(\.step))
}

/// A walk from a scalar to its parameters that tells of each gradient when nothing more will be added to it.
private struct Descent {
    private let order: [Step], names: [ObjectIdentifier: String]
    /// How many steps that are still to be pulled read what a step made.
    private var readers: [ObjectIdentifier: Int] = [:]
    private var gradients: [ObjectIdentifier: Tensor] = [:]

    init(from last: Step, to leaves: [String: Step]) {
        names = Dictionary(uniqueKeysWithValues: leaves.map { (ObjectIdentifier($1), $0) })
        order = steps(before: last) { !$0.inputs.isEmpty }
        for step in order {
            for input in Set(step.inputs.compactMap { $0.map(ObjectIdentifier.init) }) {
                readers[input, default: 0] += 1
            }
        }
    }

    mutating func run(_ first: Tensor, _ whole: (String, Tensor) -> Void) {
        gradients[ObjectIdentifier(order[0])] = first
        var pulled: Set<ObjectIdentifier> = []
        for step in order where pulled.insert(ObjectIdentifier(step)).inserted {
            guard !step.inputs.isEmpty else {
                finish(step, whole)
                continue
            }
            var next = [step]
            while let step = next.popLast() {
                next += pull(step, whole).filter { pulled.insert(ObjectIdentifier($0)).inserted }
            }
        }
    }

    /// Pulls a step; returns those that can be pulled out of turn, and leave a parameter's gradient whole: the rounding of a parameter
    /// comes before all else that is worked out, and would have its gradient wait to the end.
    private mutating func pull(_ step: Step, _ whole: (String, Tensor) -> Void) -> [Step] {
        Tensors.pull(step, &gradients)
        let inputs = step.inputs.compactMap(\.self)
        var ready: [Step] = []
        for (index, input) in inputs.enumerated() where !inputs[..<index].contains(where: { $0 === input }) {
            readers[ObjectIdentifier(input), default: 0] -= 1
            guard readers[ObjectIdentifier(input)] == 0 else { continue }
            if input.inputs.isEmpty { finish(input, whole) }
            if isOfOneParameter(input) { ready.append(input) }
        }
        return ready
    }

    private func isOfOneParameter(_ step: Step) -> Bool {
        guard step.inputs.count == 1, let leaf = step.inputs[0], leaf.inputs.isEmpty else { return false }
        return readers[ObjectIdentifier(leaf)] == 1
    }

    private mutating func finish(_ leaf: Step, _ whole: (String, Tensor) -> Void) {
        guard let name = names[ObjectIdentifier(leaf)] else { return }
        gradients.removeValue(forKey: ObjectIdentifier(leaf)).map { whole(name, $0) }
    }
}
