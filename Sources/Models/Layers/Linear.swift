public import Checkpoints
public import Tensors

/// An affine map: `y = x · weightᵀ + bias`, changed by the adapter if there is one.
///
/// The weight may be of any dtype, quantised ones included.
public struct Linear: Sendable {
    private let map: AffineMap
    /// The map as a list, since lists are what is multiplied.
    private let alone: [AffineMap]
    private let update: LowRankUpdate?
    private let observed: (name: String, by: any InputRecorder)?
    /// Its place among the network's maps that adapters can share; nil where it keeps to itself.
    let place: Int?

    /// - Parameter gain: how large fresh weights are, against 1 / √inputs.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = false, gain: Float = 1, _ weights: Weights) throws {
        let bound = gain / Float(inputs).squareRoot()
        let (weight, isRounded) = try weights.matrix("weight", [outputs, inputs], uniform: bound)
        let bias = bias ? try weights.tensor("bias", [outputs]) : nil
        update = try LowRankUpdate(weight, bias: bias, weights)
        map = AffineMap(weight, bias: update?.takesBias == true ? nil : bias, isRounded: isRounded)
        alone = [map]
        let path = String(weights.path.dropLast())
        observed = weights.recorder.map { (path, $0) }
        place = update == nil ? weights.register?.add(path, weight, bias) : nil
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard isMore || AdaptedRows.current != nil else { return linear(x, alone)[0] }
        return Several([self])(x)[0]
    }

    /// Whether its rows are multiplied as bytes.
    var takesBytes: Bool { map.weight.dtype.isQuantized }

    /// Whether there is more to it than its map.
    private var isMore: Bool { update != nil || observed != nil }

    /// Several maps of the same rows, which are read once for all.
    struct Several: Sendable {
        let maps: [Linear]
        fileprivate let affine: [AffineMap], isUpdated, isObserved: Bool

        init(_ maps: [Linear]) {
            (self.maps, affine) = (maps, maps.map(\.map))
            isUpdated = maps.contains { $0.update != nil }
            isObserved = maps.contains { $0.observed != nil }
        }

        func callAsFunction(_ x: Tensor) -> [Tensor] {
            if isObserved { observe(x) }
            var results = linear(x, affine)
            if let adapted = AdaptedRows.current { adapted.correct(&results, x, [(0..<x.shape.rows, maps)]) }
            return isUpdated ? zip(maps, results).map { map, y in map.update?(y, x) ?? y } : results
        }

        /// Whether its rows are multiplied as bytes, by one of them at least.
        var takesBytes: Bool { maps.contains(where: \.takesBytes) }

        fileprivate func observe(_ x: Tensor) {
            for map in maps { map.observed.map { $0.by.record(x, of: $0.name) } }
        }
    }

    /// Some consecutive rows of `x` for each of several lists of maps; a result for each place of the lists.
    static func each(_ parts: [(rows: Range<Int>, maps: Several)], _ x: Tensor) -> [Tensor] {
        for part in parts where part.maps.isObserved { part.maps.observe(x.rows(part.rows)) }
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
        get throws {
            guard let update else { return map }
            return AffineMap(map.weight, bias: map.bias, adapter: try update.product, isRounded: map.isRounded)
        }
    }
}
