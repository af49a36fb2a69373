public import Checkpoints
public import Tensors

/// An affine map: `y = x · weightᵀ + bias`, changed by the adapter if there is one.
///
/// The weight may be of any dtype, quantised ones included.
public struct Linear: Sendable {
    private let map: AffineMap
    private let update: LowRankUpdate?
    private let observed: (name: String, by: any InputRecorder)?
    /// Its place among the network's maps that adapters can share; nil where it keeps to itself.
    let place: Int?

    /// - Parameter gain: how large fresh weights are, against 1 / √inputs.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = false, gain: Float = 1, _ weights: Weights) throws {
        let bound = gain / Float(inputs).squareRoot()
        let weight = try weights.tensor("weight", [outputs, inputs], uniform: bound)
        let bias = bias ? try weights.tensor("bias", [outputs]) : nil
        update = try LowRankUpdate(weight, bias: bias, weights)
        map = AffineMap(weight, bias: update?.takesBias == true ? nil : bias)
        let path = String(weights.path.dropLast())
        observed = weights.recorder.map { (path, $0) }
        place = update == nil ? weights.register?.add(path, weight, bias) : nil
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { Linear.each([self], x)[0] }

    /// Applies several maps to one `x`, which is read once.
    static func each(_ maps: [Linear], _ x: Tensor) -> [Tensor] {
        for map in maps { map.observed.map { $0.by.record(x, of: $0.name) } }
        var results = linear(x, maps.map(\.map))
        if let adapted = AdaptedRows.current { adapted.correct(&results, x, [(0..<x.shape.rows, maps)]) }
        return zip(maps, results).map { map, y in map.update?(y, x) ?? y }
    }

    /// Several maps of the same rows, as they are applied again and again.
    struct Several: Sendable {
        let maps: [Linear]
        fileprivate let affine: [AffineMap], isUpdated, isObserved: Bool

        init(_ maps: [Linear]) {
            (self.maps, affine) = (maps, maps.map(\.map))
            isUpdated = maps.contains { $0.update != nil }
            isObserved = maps.contains { $0.observed != nil }
        }
    }

    /// Some consecutive rows of `x` for each of several lists of maps; a result for each place of the lists.
    static func each(_ parts: [(rows: Range<Int>, maps: Several)], _ x: Tensor) -> [Tensor] {
        for part in parts where part.maps.isObserved {
            for map in part.maps.maps { map.observed.map { $0.by.record(x.rows(part.rows), of: $0.name) } }
        }
        guard parts.contains(where: \.maps.isUpdated) else {
            var results = linear(x, groups: parts.map { RowGroup(rows: $0.rows, maps: $0.maps.affine) })
            if let adapted = AdaptedRows.current { adapted.correct(&results, x, parts.map { ($0.rows, $0.maps.maps) }) }
            return results
        }
        let results = parts.map { part in
            zip(part.maps.maps, linear(x.rows(part.rows), part.maps.affine)).map { map, y in
                map.update?(y, x.rows(part.rows)) ?? y
            }
        }
        return (results.first ?? []).indices.map { place in concatenated(results.map { $0[place] }) }
    }

    /// The map as a head, which scores a vocabulary: with its adapter, of whose input nothing is left out.
    ///
    /// Throws ``ModelError`` where the adapter has magnitudes.
    var head: AffineMap {
        get throws { try update.map { AffineMap(map.weight, bias: map.bias, adapter: try $0.product) } ?? map }
    }
}
