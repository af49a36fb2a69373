package import Tensors

/// GPT-OSS's weights with the maps of a layer's experts in one tensor, as the Hub's files have them in floats: ``GPTOSSExperts`` the other
/// way round. What was in MXFP4 is written in bfloat16, which has each of its numbers.
package struct StackedExperts: NamedWeights {
    private let source: any NamedWeights
    private let stacks: [String: Stack]
    package let entries: [WeightEntry]

    /// One kind of map of all experts of a layer.
    private struct Stack {
        let stem: Substring, kind: String, isDown: Bool, dtype: DType
        /// Of one expert's map: `[outputs, inputs]`, or `[outputs]` of a bias.
        let shape: [Int]
        var experts = 1

        var parts: [String] { isDown ? ["down_proj"] : ["gate_proj", "up_proj"] }
        /// Outputs of gate and up stand in turn, and matrices are `[inputs, outputs]`.
        var wholeShape: [Int] { [experts] + shape.dropFirst() + [parts.count * shape[0]] }
    }

    package init(_ source: any NamedWeights) {
        var stacks: [String: Stack] = [:], order: [(name: String, entry: WeightEntry?)] = []
        for entry in source.entries {
            guard let (name, expert, stack) = Self.stack(entry) else {
                order.append((entry.name, entry))
                continue
            }
            if stacks[name] == nil { order.append((name, nil)) }
            var kept = stacks[name] ?? stack
            kept.experts = max(kept.experts, expert + 1)
            stacks[name] = kept
        }
        (self.source, self.stacks) = (source, stacks)
        entries = order.compactMap { name, entry in
            entry ?? stacks[name].map { WeightEntry(name, $0.dtype, $0.wholeShape) }
        }
    }

    private static let most = 4096

    /// The tensor that an expert's map is a part of; nil for what is no such map.
    private static func stack(_ entry: WeightEntry) -> (name: String, expert: Int, stack: Stack)? {
        guard let place = entry.name.firstRange(of: ".experts.") else { return nil }
        let stem = entry.name[..<place.upperBound], parts = entry.name[place.upperBound...].split(separator: ".")
        guard parts.count == 3, let expert = Int(parts[0]), 0..<most ~= expert, ["weight", "bias"].contains(parts[2]),
            ["gate_proj", "up_proj", "down_proj"].contains(parts[1]), entry.shape.count == (parts[2] == "bias" ? 1 : 2)
        else { return nil }
        let isDown = parts[1] == "down_proj", dtype = entry.dtype.isQuantized ? DType.bfloat16 : entry.dtype
        let kind = String(parts[2]), whole = isDown ? "down_proj" : "gate_up_proj"
        let name = "\(stem)\(whole)\(kind == "bias" ? "_bias" : "")"
        return (name, expert, Stack(stem: stem, kind: kind, isDown: isDown, dtype: dtype, shape: entry.shape))
    }

    package func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let stack = stacks[name] else { return try source.tensor(name, fresh) }
        let size = stack.dtype.bytes(for: stack.wholeShape.dropFirst().reduce(1, *))
        let block = MemoryBlock(stack.experts * size)
        for expert in 0..<stack.experts {
            try rows(of: stack, expert).withBytes { block.put($0, at: expert * size) }
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: stack.dtype, shape: Shape(stack.wholeShape))
    }

    /// What one expert adds to the whole.
    private func rows(of stack: Stack, _ expert: Int) throws -> Tensor {
        let maps = try stack.parts.map { part in
            let name = "\(stack.stem)\(expert).\(part).\(stack.kind)"
            guard let tensor = try source.tensor(name, nil) else { throw CheckpointError.missingTensor(name) }
            guard Array(tensor.shape) == stack.shape else {
                throw CheckpointError.shape(name, expected: stack.shape, found: Array(tensor.shape))
            }
            return tensor.stored(as: stack.dtype).reshaped(stack.shape[0], -1)
        }
        return maps.count == 1 ? maps[0].turned : inTurn(maps[0], maps[1]).turned
    }

    /// The first row of one matrix, the first of the other, the second of the one, and so on.
    private func inTurn(_ one: Tensor, _ other: Tensor) -> Tensor {
        let rows = one.shape[0], size = one.dtype.bytes(for: one.shape[1]), block = MemoryBlock(2 * rows * size)
        for (first, tensor) in [one, other].enumerated() {
            tensor.withBytes { source in
                for row in 0..<rows {
                    let own = UnsafeRawBufferPointer(rebasing: source[row * size..<(row + 1) * size])
                    block.put(own, at: (2 * row + first) * size)
                }
            }
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: one.dtype, shape: [2 * rows, one.shape[1]])
    }
}

extension MemoryBlock {
    fileprivate func put(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + bytes.count]).copyMemory(from: bytes)
    }
}
