import Tensors

/// One matrix of 4-bit levels as files keep it, checked: see ``FourBitLayout``.
struct FourBitMatrix {
    let layout: FourBitLayout, outputs, inputs, groups: Int
    private let levels, zeros, scales: Tensor
    /// The group of each input, where groups are no runs of inputs.
    private let order: [Int32]?

    /// - Parameter part: gives the tensors `qweight`, `qzeros`, `scales` and perhaps `g_idx`.
    init(_ name: String, _ layout: FourBitLayout, _ part: (String) throws -> Tensor?) throws {
        func needed(_ suffix: String) throws -> Tensor {
            guard let tensor = try part(suffix) else { throw CheckpointError.missingTensor("\(name).\(suffix)") }
            return tensor
        }
        func refuse(_ what: String) -> CheckpointError { .unsupported(file: name, what: what) }
        (levels, zeros, scales) = (try needed("qweight"), try needed("qzeros"), try needed("scales"))
        guard levels.shape.count == 2, scales.shape.count == 2, zeros.shape.count == 2, levels.dtype == .int32,
            zeros.dtype == .int32, scales.dtype != .int32
        else { throw refuse("qweight and qzeros must be matrices of I32, scales one of floats") }
        let isAWQ = layout.method == .awq
        let (rows, rowScale) = levels.shape[0].multipliedReportingOverflow(by: isAWQ ? 1 : 8)
        let (columns, columnScale) = levels.shape[1].multipliedReportingOverflow(by: isAWQ ? 8 : 1)
        guard !rowScale, !columnScale, columns % 8 == 0, rows > 0, columns > 0 else {
            throw refuse("qweight of shape \(Array(levels.shape)) is no matrix of 4-bit levels")
        }
        let group = layout.group ?? rows
        guard rows % group == 0 else { throw refuse("\(rows) inputs are no groups of \(group)") }
        (self.layout, outputs, inputs, groups) = (layout, columns, rows, rows / group)
        for (suffix, tensor, width) in [("scales", scales, columns), ("qzeros", zeros, columns / 8)]
        where Array(tensor.shape) != [groups, width] {
            let found = Array(tensor.shape)
            throw CheckpointError.shape("\(name).\(suffix)", expected: [groups, width], found: found)
        }
        guard scales.peak <= 65_504 else { throw refuse("its scales are no numbers of half precision") }
        order = try FourBitMatrix.order(try part("g_idx"), name, inputs, groups, group)
    }

    private static func order(
        _ tensor: Tensor?,
        _ name: String,
        _ inputs: Int,
        _ groups: Int,
        _ group: Int
    ) throws -> [Int32]? {
        guard let tensor else { return nil }
        guard tensor.dtype == .int32, Array(tensor.shape) == [inputs] else {
            throw CheckpointError.shape("\(name).g_idx", expected: [inputs], found: Array(tensor.shape))
        }
        let order = tensor.integers
        guard order.allSatisfy({ (0..<Int32(groups)).contains($0) }) else {
            throw CheckpointError.unsupported(file: name, what: "g_idx names groups beyond the \(groups) there are")
        }
        return order.indices.allSatisfy { Int(order[$0]) == $0 / group } ? nil : order
    }

    /// The type that holds every value: `q4_0` where all zeros are 8, else `q5_0`, whose five bits take a level less its zero. Where
    /// blocks of 32 inputs do not share a scale, values are rounded to float16, as the layouts' own kernels round them.
    var dtype: DType {
        guard order == nil, (inputs / groups) % 32 == 0, scalesAreHalves else { return .float16 }
        return zerosAreEight ? .q4_0 : .q5_0
    }

    private var scalesAreHalves: Bool {
        scales.dtype == .float16 || scales.scalars.allSatisfy { Float(Float16($0)) == $0 }
    }

    private var zerosAreEight: Bool {
        let word = UInt32(8 - layout.zeroShift) * 0x1111_1111
        return zeros.integers.allSatisfy { UInt32(bitPattern: $0) == word }
    }

    /// The matrix `[outputs, inputs]`.
    func tensor() -> Tensor {
        let dtype = dtype, block = MemoryBlock(dtype.bytes(for: outputs * inputs)), rowBytes = dtype.bytes(for: inputs)
        let scales = scales.scalars, zeros = zeros.integers
        parallel(rows: outputs / 8, grain: 1) { eights, _ in
            withUnsafeTemporaryAllocation(of: Int8.self, capacity: 8 * inputs) { offsets in
                for eight in eights {
                    read(outputs: 8 * eight, zeros, into: offsets)
                    for row in 0..<8 {
                        let output = 8 * eight + row, target = block.buffer.baseAddress! + output * rowBytes
                        let values = UnsafeBufferPointer(rebasing: offsets[row * inputs..<(row + 1) * inputs])
                        write(values, scale: { scales[group(of: $0) * outputs + output] }, dtype, at: target)
                    }
                }
            }
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: dtype, shape: [outputs, inputs])
    }

    private func group(of input: Int) -> Int { order.map { Int($0[input]) } ?? input / (inputs / groups) }

    /// The levels less their zeros of eight outputs: `[8, inputs]`.
    private func read(outputs first: Int, _ zeros: [Int32], into offsets: UnsafeMutableBufferPointer<Int8>) {
        let words = outputs / 8, isAWQ = layout.method == .awq
        levels.withBytes { bytes in
            let levels = bytes.bindMemory(to: UInt32.self)
            for input in 0..<inputs {
                let zero = UInt32(bitPattern: zeros[group(of: input) * words + first / 8])
                for row in 0..<8 {
                    let word = isAWQ ? levels[input * words + first / 8] : levels[input / 8 * outputs + first + row]
                    let bits = isAWQ ? layout.zeroBits(row) : UInt32(4 * (input % 8))
                    let level = Int(word >> bits & 15), nothing = Int(zero >> layout.zeroBits(row) & 15)
                    offsets[row * inputs + input] = Int8(level - nothing - layout.zeroShift)
                }
            }
        }
    }

    private func write(
        _ values: UnsafeBufferPointer<Int8>,
        scale: (Int) -> Float,
        _ dtype: DType,
        at target: UnsafeMutableRawPointer
    ) {
        guard dtype.isQuantized else {
            for (input, value) in values.enumerated() {
                target.storeBytes(of: Float16(scale(input) * Float(value)), toByteOffset: 2 * input, as: Float16.self)
            }
            return
        }
        for start in stride(from: 0, to: inputs, by: 32) {
            let block = UnsafeBufferPointer(rebasing: values[start..<start + 32])
            FourBitBlock.write(
                block,
                scale: Float16(scale(start)),
                dtype,
                at: target + start / 32 * dtype.bytesPerBlock
            )
        }
    }
}

/// A block of `q4_0` or `q5_0`: a scale and 32 whole numbers.
enum FourBitBlock {
    /// Numbers from -8 to 7 for `q4_0`, from -16 to 15 for `q5_0`.
    static func write(
        _ values: UnsafeBufferPointer<Int8>,
        scale: Float16,
        _ dtype: DType,
        at target: UnsafeMutableRawPointer
    ) {
        let isWide = dtype == .q5_0, zero: Int8 = isWide ? 16 : 8, start = isWide ? 6 : 2
        target.storeBytes(of: scale.bitPattern.littleEndian, as: UInt16.self)
        var fifth: UInt32 = 0
        for index in 0..<32 where isWide { fifth |= UInt32((values[index] + zero) >> 4) << UInt32(index) }
        if isWide { target.storeBytes(of: fifth.littleEndian, toByteOffset: 2, as: UInt32.self) }
        for index in 0..<16 {
            let (low, high) = (UInt8(values[index] + zero) & 15, UInt8(values[index + 16] + zero) & 15)
            target.storeBytes(of: low | high << 4, toByteOffset: start + index, as: UInt8.self)
        }
    }

    /// The scale and the numbers of a block.
    static func read(_ source: UnsafeRawPointer, _ dtype: DType) -> (scale: Float16, values: [Int]) {
        let isWide = dtype == .q5_0, start = isWide ? 6 : 2
        let bits = UInt16(littleEndian: source.loadUnaligned(as: UInt16.self))
        let fifth = isWide ? UInt32(littleEndian: source.loadUnaligned(fromByteOffset: 2, as: UInt32.self)) : 0
        let values = (0..<32).map { index -> Int in
            let byte = source.load(fromByteOffset: start + index % 16, as: UInt8.self)
            let four = Int(index < 16 ? byte & 15 : byte >> 4)
            return isWide ? (four | Int(fifth >> UInt32(index) & 1) << 4) - 16 : four - 8
        }
        return (Float16(bitPattern: bits), values)
    }
}
