import Checkpoints
import Tensors

/// A feed-forward made of many, of which each row goes through a few (Shazeer et al. 2017).
///
/// Only experts that some row chose are worked out, and only for the rows that chose them.
struct Experts: FeedForward {
    let router: Linear, routing: Routing, correction: Tensor?
    /// What each expert begins with, gate and up, and what it ends with.
    private let inputs, outputs: [Linear.Several]
    /// What becomes of gate and up.
    var activation: @Sendable (_ gate: Tensor, _ up: Tensor) -> Tensor = { swiGLU($0, $1) }
    /// What each expert's weight is multiplied by, `[experts, 1]`.
    var gains: Tensor?
    /// Through which every row goes besides.
    var shared: (any FeedForward)?

    init(
        _ router: Linear,
        _ routing: Routing,
        correction: Tensor? = nil,
        _ experts: [SwiGLU],
        shared: (any FeedForward)? = nil
    ) {
        (self.router, self.routing, self.correction) = (router, routing, correction)
        (inputs, outputs) = (experts.map(\.inputs), experts.map { .init([$0.down]) })
        self.shared = shared
    }

    /// Experts read copies; the router and what is shared read the rows themselves.
    var takesBytes: Bool { router.takesBytes || shared?.takesBytes ?? false }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let routes = routes(router(x), routing, correction: correction)
        let sorted = SortedRoutes(routes.experts, chosen: routing.chosen, of: inputs.count)
        let y = AdaptedRows.following(sorted.rows) {
            let h = Linear.each(sorted.groups.map { ($0.rows, inputs[$0.expert]) }, gather(x, rows: sorted.rows))
            return Linear.each(sorted.groups.map { ($0.rows, outputs[$0.expert]) }, activation(h[0], h[1]))[0]
        }
        let gained = gains.map { gather($0, rows: routes.experts) }
        let weights = gained.map { routes.weights * $0.reshaped(-1, routing.chosen) } ?? routes.weights
        let sum = mixture(y, at: sorted.places, weights)
        return shared.map { sum + $0(x) } ?? sum
    }
}

/// Routes brought in the order of their experts, so that each expert's rows lie together.
struct SortedRoutes {
    /// The row that each slot is a copy of.
    let rows: [Int32]
    /// The slot of each row's each choice.
    let places: [Int32]
    /// Experts that some row chose, with their slots.
    let groups: [(expert: Int, rows: Range<Int>)]

    init(_ choices: [Int32], chosen: Int, of experts: Int) {
        var counts = [Int](repeating: 0, count: experts)
        for expert in choices { counts[Int(expert)] += 1 }
        var starts = [Int](repeating: 0, count: experts), slot = 0
        var groups: [(expert: Int, rows: Range<Int>)] = []
        for (expert, count) in counts.enumerated() where count > 0 {
            groups.append((expert, slot..<slot + count))
            starts[expert] = slot
            slot += count
        }
        var rows = [Int32](repeating: 0, count: choices.count), places = rows
        for (index, expert) in choices.enumerated() {
            let place = starts[Int(expert)]
            starts[Int(expert)] += 1
            (rows[place], places[index]) = (Int32(index / chosen), Int32(place))
        }
        (self.rows, self.places, self.groups) = (rows, places, groups)
    }
}
