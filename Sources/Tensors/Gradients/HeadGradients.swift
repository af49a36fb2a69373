/// Sums of the gradients with respect to a head and the states it scores, some rows after another.
struct HeadGradients {
    private let states: Tensor, head: AffineMap
    private var parts: [Tensor] = []
    private var weight, bias, down, up: Tensor?

    init(_ states: Tensor, _ head: AffineMap) { (self.states, self.head) = (states, head) }

    /// Adds what the gradient with respect to the logits of some rows gives.
    mutating func add(_ errors: Tensor, _ rows: Range<Int>) {
        let x = states.detached.rows(rows), isWanted = states.isTracked
        let pieces = linearGradients(x, isWanted: isWanted, head, errors)
        HeadGradients.sum(&weight, pieces[1])
        HeadGradients.sum(&bias, pieces[2])
        var part = pieces[0]
        if let adapter = head.adapter {
            let inner = linear(x, adapter.down.detached)
            let outer = linearGradients(inner, isWanted: true, AffineMap(adapter.up), errors)
            HeadGradients.sum(&up, outer[1])
            let last = linearGradients(x, isWanted: isWanted, AffineMap(adapter.down), outer[0]!)
            HeadGradients.sum(&down, last[1])
            part = part.map { $0 + last[0]! }
        }
        if let part { parts.append(part) }
    }

    /// The gradients with respect to states, weight, bias and adapter.
    func results(times factor: Float) -> [Tensor?] {
        let whole = states.isTracked ? Tensor.zeros(states.shape) : nil
        var at = 0
        for part in parts {
            whole!.floats.advanced(by: at).update(from: part.floats, count: part.shape.elements)
            at += part.shape.elements
        }
        let results = [whole, weight, bias, down, up]
        return factor == 1 ? results : results.map { $0.map { $0 * factor } }
    }

    private static func sum(_ total: inout Tensor?, _ piece: Tensor?) {
        guard let piece else { return }
        total = total.map { $0 + piece } ?? piece
    }
}

extension AffineMap {
    /// The same map, whatever it was made from.
    var detached: AffineMap {
        let adapter = adapter.map { LowRank(down: $0.down.detached, up: $0.up.detached) }
        return AffineMap(weight.detached, bias: bias?.detached, adapter: adapter)
    }
}
