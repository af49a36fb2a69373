package import Tensors

/// Another source's weights, some matrices of which have rows of length 1, as Baichuan 2 uses its head.
struct UnitRows: NamedWeights {
    let source: any NamedWeights, names: [String]

    var entries: [WeightEntry] {
        source.entries.map { entry in
            guard names.contains(entry.name) else { return entry }
            return WeightEntry(entry.name, entry.dtype.isQuantized ? .float16 : .float32, entry.shape)
        }
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        let tensor = try source.tensor(name, fresh)
        return names.contains(name) ? tensor?.withUnitRows : tensor
    }
}

extension Tensor {
    /// The same matrix with rows of length 1, in float32, or in float16 where it was quantised.
    package var withUnitRows: Tensor {
        guard shape.count == 2 else { return self }
        let width = shape[1], values = scalars
        let found = (0..<shape[0]).flatMap { row in
            let own = values[row * width..<(row + 1) * width]
            let length = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            return own.map { Float(Double($0) / max(length, 1e-7)) }
        }
        let tensor = Tensor(found, shape: shape)
        return dtype.isQuantized ? tensor.stored(as: .float16) : tensor
    }
}
