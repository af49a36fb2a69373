package import Tensors

/// GPT-OSS's weights with each expert's maps apart, `[outputs, inputs]`, as models want them.
///
/// The Hub's files have the maps of a layer's experts in one tensor, those of gate and up together, row by row in turn: as floats,
/// `[experts, inputs, outputs]`, or in MXFP4 (Open Compute Project 2023), as `blocks` `[experts, outputs, inputs / 32, 16]` of bytes with two
/// elements each, the lower bits first, and `scales` `[experts, outputs, inputs / 32]`, powers of two with 127 added. A block of 32 becomes one
/// of GGUF's, bit for bit.
package struct GPTOSSExperts: NamedWeights {
    private let source: any NamedWeights
    private let maps: [String: Map]
    package let entries: [WeightEntry]

    /// One expert's part of a tensor.
    private struct Map {
        let stack: Stack, expert: Int, first: Int, step: Int

        var outputs: Int { stack.outputs / step }
    }

    /// The maps of a layer's experts of one kind.
    private enum Stack {
        /// `[experts, outputs]`.
        case biases(String, experts: Int, outputs: Int)
        /// `[experts, inputs, outputs]`.
        case floats(String, DType, experts: Int, outputs: Int, inputs: Int)
        case blocks(RawTensor, scales: RawTensor)

        var experts: Int {
            switch self {
            case .biases(_, let experts, _), .floats(_, _, let experts, _, _): experts
            case .blocks(let blocks, _): blocks.shape[0]
            }
        }

        var outputs: Int {
            switch self {
            case .biases(_, _, let outputs), .floats(_, _, _, let outputs, _): outputs
            case .blocks(let blocks, _): blocks.shape[1]
            }
        }
    }

    private static let most = 4096

    /// - Throws: ``CheckpointError/shape(_:expected:found:)`` where a tensor of experts is not as it should be.
    package init(_ source: any NamedWeights) throws {
        self.source = source
        var maps: [String: Map] = [:], entries: [WeightEntry] = []
        for entry in source.entries {
            guard let (stem, kind) = Self.kind(entry.name) else {
                entries.append(entry)
                continue
            }
            let stack = try Self.stack(entry, isBias: kind.isBias)
            try Self.add(stack, stem, kind, &maps, &entries)
        }
        let raw = source as? any RawTensors
        for name in raw?.rawNames ?? [] where name.hasSuffix("_blocks") {
            guard let blocks = raw?.raw(name), let (stem, kind) = Self.kind(String(name.dropLast("_blocks".count)))
            else { continue }
            let name = name.dropLast("blocks".count) + "scales"
            guard let scales = raw?.raw(String(name)) else { throw CheckpointError.missingTensor(String(name)) }
            try Self.add(Self.stack(blocks, scales), stem, kind, &maps, &entries)
        }
        (self.maps, self.entries) = (maps, entries)
    }

    package func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let map = maps[name] else { return try source.tensor(name, fresh) }
        switch map.stack {
        case .biases(let name, _, let outputs):
            let all = try whole(name).rows(map.expert..<map.expert + 1).scalars
            return Tensor(stride(from: map.first, to: outputs, by: map.step).map { all[$0] }, shape: [map.outputs])
        case .floats(let name, _, _, let outputs, let inputs):
            let own = try whole(name).rows(map.expert..<map.expert + 1).reshaped(inputs, outputs).turned
            return own.everyRow(from: map.first, by: map.step)
        case .blocks(let blocks, let scales): return Self.joined(blocks, scales, map)
        }
    }

    private func whole(_ name: String) throws -> Tensor {
        guard let tensor = try source.tensor(name, nil) else { throw CheckpointError.missingTensor(name) }
        return tensor
    }
}

extension GPTOSSExperts {
    /// What a name says: what stands before the kind of map, and which maps these are.
    private static func kind(_ name: String) -> (stem: Substring, kind: (isDown: Bool, isBias: Bool))? {
        for (suffix, isDown) in [("gate_up_proj", false), ("down_proj", true)] {
            for (end, isBias) in [(suffix, false), (suffix + "_bias", true)] where name.hasSuffix(".experts." + end) {
                return (name.dropLast(end.count), (isDown, isBias))
            }
        }
        return nil
    }

    private static func stack(_ entry: WeightEntry, isBias: Bool) throws -> Stack {
        let shape = entry.shape, axes = isBias ? 2 : 3
        guard shape.count == axes, shape[0] <= most, !entry.dtype.isQuantized else {
            let expected = isBias ? [1, 1] : [1, 1, 1]
            throw CheckpointError.shape(entry.name, expected: expected, found: shape)
        }
        return isBias
            ? .biases(entry.name, experts: shape[0], outputs: shape[1])
            : .floats(entry.name, entry.dtype, experts: shape[0], outputs: shape[2], inputs: shape[1])
    }

    private static func stack(_ blocks: RawTensor, _ scales: RawTensor) throws -> Stack {
        let shape = blocks.shape
        guard shape.count == 4, shape[0] <= most, shape[3] == 16 else {
            throw CheckpointError.shape(blocks.name, expected: [1, 1, 1, 16], found: shape)
        }
        return .blocks(blocks, scales: try scales.checked(Array(shape.dropLast())))
    }

    private static func add(
        _ stack: Stack,
        _ stem: Substring,
        _ kind: (isDown: Bool, isBias: Bool),
        _ maps: inout [String: Map],
        _ entries: inout [WeightEntry]
    ) throws {
        let parts = kind.isDown ? ["down_proj"] : ["gate_proj", "up_proj"]
        guard stack.outputs % parts.count == 0 else {
            throw CheckpointError.shape(
                String(stem) + "gate_up_proj",
                expected: [stack.outputs + 1],
                found: [stack.outputs]
            )
        }
        for expert in 0..<stack.experts {
            for (first, part) in parts.enumerated() {
                let name = "\(stem)\(expert).\(part).\(kind.isBias ? "bias" : "weight")"
                let map = Map(stack: stack, expert: expert, first: first, step: parts.count)
                maps[name] = map
                switch stack {
                case .biases: entries.append(WeightEntry(name, .float32, [map.outputs]))
                case .floats(_, let dtype, _, _, let inputs):
                    entries.append(WeightEntry(name, dtype, [map.outputs, inputs]))
                case .blocks(let blocks, _):
                    entries.append(WeightEntry(name, .mxfp4, [map.outputs, 32 * blocks.shape[2]]))
                }
            }
        }
    }

    /// One expert's blocks with their scales before them; of 32 elements GGUF has 0 and 16 in a byte, 1 and 17, and so on.
    private static func joined(_ blocks: RawTensor, _ scales: RawTensor, _ map: Map) -> Tensor {
        let count = blocks.shape[2], rows = map.outputs, size = DType.mxfp4.bytesPerBlock
        let target = MemoryBlock(rows * count * size)
        for row in 0..<rows {
            let place = (map.expert * blocks.shape[1] + map.first + row * map.step) * count
            for block in 0..<count {
                let from = (place + block) * 16
                let source = UnsafeRawBufferPointer(rebasing: blocks.bytes.buffer[from..<from + 16])
                let at = (row * count + block) * size
                target.buffer[at] = scales.bytes.buffer[place + block]
                for byte in 0..<16 {
                    let place = byte / 2, bits = byte % 2 * 4
                    let low = source[place] >> bits & 15, high = source[8 + place] >> bits & 15
                    target.buffer[at + 1 + byte] = low | high << 4
                }
            }
        }
        let bytes = UnsafeRawBufferPointer(target.buffer)
        return withExtendedLifetime((blocks, scales)) {
            Tensor(borrowing: bytes, owner: target, dtype: .mxfp4, shape: [rows, 32 * count])
        }
    }
}

extension Tensor {
    /// Every n-th row of a matrix of floats.
    fileprivate func everyRow(from first: Int, by step: Int) -> Tensor {
        guard step > 1 else { return self }
        let rows = shape[0] / step, size = shape[1] * dtype.bytesPerBlock
        let block = withBytes { source in
            let block = MemoryBlock(rows * size)
            for row in 0..<rows {
                let from = (first + row * step) * size
                UnsafeMutableRawBufferPointer(rebasing: block.buffer[row * size..<(row + 1) * size])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + size]))
            }
            return block
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: dtype, shape: [rows, shape[1]])
    }
}
