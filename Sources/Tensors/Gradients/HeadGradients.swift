import CKernels

/// Sums of the gradients with respect to a head and the states it scores, some rows after another.
final class HeadGradients {
    private let states: Tensor, head: AffineMap
    /// With respect to weight, bias and adapter.
    private var maps: [Tensor?] = [nil, nil, nil, nil]
    private var dx: Tensor?

    init(_ states: Tensor, _ head: AffineMap) {
        (self.states, self.head) = (states, head)
        dx = states.isTracked ? Tensor(empty: states.shape) : nil
    }

    /// Adds what the gradient with respect to the logits of some rows gives.
    func add(_ errors: Tensor, _ rows: Range<Int>) {
        let x = states.detached.rows(rows)
        var sums = [nil, maps[0], maps[1]]
        (maps[0], maps[1]) = (nil, nil)
        addLinearGradients(Kept(x), isWanted: states.isTracked, head, errors, to: &sums)
        (maps[0], maps[1]) = (sums[1], sums[2])
        if let adapter = head.adapter { sums[0] = correction(adapter, x, errors, sums[0]) }
        guard let dx, let part = sums[0] else { return }
        (dx.floats + rows.lowerBound * states.shape.width).update(from: part.floats, count: part.shape.elements)
        withExtendedLifetime(part) {}
    }

    /// Adds the gradients of the adapter; returns the sum for `x`.
    private func correction(_ adapter: LowRank, _ x: Tensor, _ errors: Tensor, _ sum: Tensor?) -> Tensor? {
        let inner = linear(x, adapter.down.detached)
        var outer: [Tensor?] = [nil, maps[3], nil]
        maps[3] = nil
        addLinearGradients(Kept(inner), isWanted: true, AffineMap(adapter.up), errors, to: &outer)
        maps[3] = outer[1]
        var last = [sum, maps[2], nil]
        maps[2] = nil
        addLinearGradients(Kept(x), isWanted: states.isTracked, AffineMap(adapter.down), outer[0]!, to: &last)
        maps[2] = last[1]
        return last[0]
    }

    /// Moves the gradients with respect to states, weight, bias and adapter, times `factor`, into sums of such.
    func move(times factor: Float, to sums: inout [Tensor?]) {
        let inputs = [states, head.weight, head.bias, head.adapter?.down, head.adapter?.up]
        var found = [dx] + maps
        (dx, maps) = (nil, [nil, nil, nil, nil])
        for index in inputs.indices where inputs[index]?.isTracked ?? false {
            var own = found[index] ?? Tensor.zeros(inputs[index]!.shape)
            found[index] = nil
            if factor != 1 { own.multiply(by: factor) }
            accumulate(own, into: &sums[index])
        }
    }
}

extension AffineMap {
    /// The same map, whatever it was made from.
    var detached: AffineMap {
        let adapter = adapter.map { LowRank(down: $0.down.detached, up: $0.up.detached) }
        return AffineMap(weight.detached, bias: bias?.detached, adapter: adapter, cap: cap, isRounded: isRounded)
    }
}
