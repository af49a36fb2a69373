public import Checkpoints
import Tensors

extension ModelBundle {
    /// Writes a folder in the Hub's layout whose layers' matrices are AWQ's or GPTQ's words of 4-bit levels; the rest is float16.
    ///
    /// What was read from such a folder is written with the same values. Other matrices are rounded to the nearest levels; neither
    /// method's search is made.
    ///
    /// - Parameters:
    ///   - folder: must not be there yet; it appears whole or not at all.
    ///   - importance: what an error in each column costs, where it is known.
    /// - Throws: ``BundleError/inexpressible(format:what:)`` for an architecture whose files turn their matrices.
    public func write(
        to folder: String,
        in layout: FourBitLayout,
        importance: Importance? = nil,
        shardBytes: Int = 5_000_000_000
    ) throws {
        try refuseStackedExperts()
        try requireAgreement()
        let hub = try architecture().layout
        guard hub.turned.isEmpty else {
            let what = "its files turn their matrices; take a GGUF file"
            throw BundleError.inexpressible(format: "A layout of 4-bit words", what: what)
        }
        let published = PublishedWeights(source: merged, layout: hub), names = published.entries
        let isSymmetric = names.allSatisfy { Self.parts($0, layout) == nil || $0.dtype == .q4_0 }
        try Self.whole(folder) { draft in
            try furnish(draft, as: .float16, quantisation: layout.configuration(isSymmetric: isSymmetric))
            var writer = shardsWriter(shardBytes)
            for entry in names {
                let tensor = { try Self.finite(published.tensor(entry.name, nil), entry.name) }
                if let parts = Self.parts(entry, layout) {
                    let cost = try importance?.weights(of: entry.name, width: entry.shape[1])
                    Self.add(entry, parts, to: &writer) { try FourBitParts(tensor(), layout, weighing: cost).tensors }
                } else {
                    writer.add(WeightEntry(entry.name, .float16, entry.shape)) { try tensor().stored(as: .float16) }
                }
            }
            try writer.write(to: draft)
        }
    }

    /// What becomes of a matrix of a layer; nil for other tensors.
    private static func parts(_ entry: WeightEntry, _ layout: FourBitLayout) -> [WeightEntry]? {
        let isLayer = entry.name.contains(".layers.") && entry.name.hasSuffix(".weight")
        return isLayer ? FourBitParts.entries(entry.shape, layout) : nil
    }

    private static func add(
        _ entry: WeightEntry,
        _ parts: [WeightEntry],
        to writer: inout SafetensorsShardsWriter,
        _ make: @escaping () throws -> [String: Tensor]
    ) {
        let stem = entry.name.dropLast("weight".count), kept = KeptParts(make)
        for part in parts {
            writer.add(WeightEntry(stem + part.name, part.dtype, part.shape)) { try kept.take(part.name) }
        }
    }

    private static func finite(_ tensor: Tensor?, _ name: String) throws -> Tensor {
        guard let tensor else { throw CheckpointError.missingTensor(name) }
        guard tensor.peak <= 65_504 else {
            throw CheckpointError.unsupported(
                file: "export",
                what: "tensor \(name) has values that float16 cannot hold"
            )
        }
        return tensor
    }
}

/// The parts of one matrix: its words of levels, which take most of the memory, are let go when they are taken, and made again only if
/// they are asked for again.
private final class KeptParts {
    private let make: () throws -> [String: Tensor]
    private var parts: [String: Tensor] = [:]

    init(_ make: @escaping () throws -> [String: Tensor]) { self.make = make }

    func take(_ name: String) throws -> Tensor {
        if parts[name] == nil { parts = try make() }
        guard let tensor = parts.removeValue(forKey: name) else { throw CheckpointError.missingTensor(name) }
        return tensor
    }
}
