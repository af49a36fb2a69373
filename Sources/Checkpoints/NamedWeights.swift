public import Tensors

/// A source of weights that can say what it has: a file, or tensors in memory.
public protocol NamedWeights: WeightSource {
    /// What there is, of the types that Yuyan computes with.
    var entries: [WeightEntry] { get }
}

/// A tensor of a source before it is read: its name, type and shape.
public struct WeightEntry: Sendable, Hashable {
    public let name: String
    public let dtype: DType
    public let shape: [Int]

    public init(_ name: String, _ dtype: DType, _ shape: [Int]) {
        (self.name, self.dtype, self.shape) = (name, dtype, shape)
    }

    public var byteCount: Int { dtype.bytes(for: shape.reduce(1, *)) }
}

extension [String: Tensor]: NamedWeights {
    /// By name.
    public var entries: [WeightEntry] {
        sorted { $0.key < $1.key }.map { WeightEntry($0.key, $0.value.dtype, Array($0.value.shape)) }
    }
}

extension GGUFWeights: NamedWeights {
    /// In the order of their bytes. Divisors of rotary frequencies are no weights but settings.
    var entries: [WeightEntry] {
        let settings = [GGUFSettings.rotaryDivisors, GGUFSettings.longDivisors, GGUFSettings.shortDivisors]
        return tensors.filter { !settings.contains($0.key) }.sorted {
            $0.value.range.lowerBound < $1.value.range.lowerBound
        }.compactMap { name, tensor in tensor.type.dtype.map { WeightEntry(name, $0, tensor.shape) } }
    }
}

extension Deinterleaved: NamedWeights {
    var entries: [WeightEntry] { source.entries }
}
