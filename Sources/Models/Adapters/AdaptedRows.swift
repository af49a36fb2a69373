import Tensors

/// Which rows of a forward pass go through which adapter.
///
/// Networks do not hand it on: their maps find it, while ``applied(_:)`` runs.
struct AdaptedRows: Sendable {
    @TaskLocal static var current: AdaptedRows?

    /// Each adapter once, with its rows, which ascend.
    private var groups: [(adapter: LoadedAdapter, rows: [Int32])]
    /// Each row's group; -1 for none.
    private let owners: [Int]

    /// Returns nil where no row has an adapter.
    ///
    /// - Parameter parts: together they cover the rows, in order.
    init?(_ parts: [(rows: Range<Int>, adapter: LoadedAdapter?)]) {
        guard parts.contains(where: { $0.adapter != nil }) else { return nil }
        var groups: [(adapter: LoadedAdapter, rows: [Int32])] = [], owners: [Int] = []
        for (rows, adapter) in parts {
            let known = adapter.map { adapter in groups.firstIndex { $0.adapter === adapter } ?? groups.count }
            if let adapter, known == groups.count { groups.append((adapter, [])) }
            owners += rows.map { _ in known ?? -1 }
            if let known { groups[known].rows += rows.lazy.map(Int32.init) }
        }
        (self.groups, self.owners) = (groups, owners)
    }

    /// The same, where row `i` is a copy of what was row `rows[i]`.
    private init(_ other: AdaptedRows, at rows: [Int32]) {
        owners = rows.map { other.owners[Int($0)] }
        groups = other.groups.map { ($0.adapter, []) }
        for (row, owner) in owners.enumerated() where owner >= 0 { groups[owner].rows.append(Int32(row)) }
    }

    /// Runs a network, whose maps see each row's adapter.
    func applied<Result>(_ body: () -> Result) -> Result { Self.$current.withValue(self, operation: body) }

    /// Runs maps that see copies of the network's rows.
    static func following<Result>(_ rows: [Int32], _ body: () -> Result) -> Result {
        guard let current else { return body() }
        return AdaptedRows(current, at: rows).applied(body)
    }

    /// Corrects what maps have made of the rows `x`: of each part's rows that part's maps, a result for each place.
    func correct(_ results: inout [Tensor], _ x: Tensor, _ parts: [(rows: Range<Int>, maps: [Linear])]) {
        precondition(x.shape.rows == owners.count, "\(owners.count) rows have adapters, not \(x.shape.rows)")
        var corrections: [CorrectedRows] = []
        for (adapter, rows) in groups {
            for part in parts {
                var own: [Int32]?
                for (place, map) in part.maps.enumerated() {
                    guard let correction = map.place.flatMap({ adapter[$0] }) else { continue }
                    own = own ?? (parts.count == 1 ? rows : rows.filter { part.rows.contains(Int($0)) })
                    corrections.append(CorrectedRows(own!, of: place, by: correction))
                }
            }
        }
        Tensors.correct(&results, x, corrections)
    }

    /// The logits of the rows that `outputs` name, from their states.
    func scores(_ states: Tensor, _ head: AffineMap, of outputs: [Int32]) -> Tensor {
        guard groups.contains(where: { $0.adapter.head != nil }) else { return linear(states, [head])[0] }
        var scores = linear(states, [head.capped(0)])
        let corrections = AdaptedRows(self, at: outputs).groups.compactMap { adapter, rows in
            adapter.head.map { CorrectedRows(rows, of: 0, by: $0) }
        }
        Tensors.correct(&scores, states, corrections)
        return head.cap > 0 ? softcapped(scores[0], head.cap) : scores[0]
    }
}
