/// A source that can show tensors of types that nothing computes with, as bytes.
protocol RawTensors: NamedWeights {
    /// What those tensors are called.
    var rawNames: [String] { get }
    func raw(_ name: String) -> RawTensor?
}

/// Bytes with a shape, whose elements take one byte each.
struct RawTensor {
    let name: String, shape: [Int], bytes: Bytes

    /// - Throws: ``CheckpointError/shape(_:expected:found:)`` where the shape is another.
    func checked(_ expected: [Int]) throws -> RawTensor {
        guard shape == expected else { throw CheckpointError.shape(name, expected: expected, found: shape) }
        return self
    }
}

extension SafetensorsFile: RawTensors {
    var rawNames: [String] { tensors.filter { $0.type == "U8" }.map(\.name) }
}

extension SafetensorsShards: RawTensors {
    var rawNames: [String] { files.flatMap(\.rawNames) }

    func raw(_ name: String) -> RawTensor? { files.lazy.compactMap { $0.raw(name) }.first }
}
