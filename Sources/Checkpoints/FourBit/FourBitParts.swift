public import Tensors

/// A matrix taken apart into the tensors of a 4-bit layout.
///
/// What was read from such a layout, or is `q4_0` with one scale a group, is written without rounding. Everything else is rounded
/// to the nearest of 16 levels between each group's least and greatest value, or a little less where that errs less.
public struct FourBitParts {
    /// The tensors by their suffixes: `qweight`, `qzeros`, `scales` and, for GPTQ, `g_idx`.
    public private(set) var tensors: [String: Tensor] = [:]

    /// The tensors' types and shapes for a matrix `[outputs, inputs]`, or nil for one that the layout does not take.
    public static func entries(_ shape: [Int], _ layout: FourBitLayout) -> [WeightEntry]? {
        guard shape.count == 2, let group = layout.group, shape[1] % group == 0, shape[0] % 8 == 0, shape[1] % 8 == 0
        else { return nil }
        let (outputs, inputs, groups) = (shape[0], shape[1], shape[1] / group)
        let levels = layout.method == .awq ? [inputs, outputs / 8] : [inputs / 8, outputs]
        return [
            WeightEntry("qweight", .int32, levels), WeightEntry("qzeros", .int32, [groups, outputs / 8]),
            WeightEntry("scales", .float16, [groups, outputs]),
        ] + (layout.method == .gptq ? [WeightEntry("g_idx", .int32, [inputs])] : [])
    }

    /// - Parameters:
    ///   - matrix: `[outputs, inputs]`, finite and of a shape that ``entries(_:_:)`` takes.
    ///   - cost: what an error in each input costs, where that is known.
    public init(_ matrix: Tensor, _ layout: FourBitLayout, weighing cost: [Float]? = nil) {
        let (outputs, inputs) = (matrix.shape[0], matrix.shape[1]), group = layout.group ?? inputs
        let rows = FourBitRows(matrix, group, layout.zeroShift, cost)
        var scales = [Float](repeating: 0, count: inputs / group * outputs)
        var levels = [UInt32](repeating: 0, count: inputs * outputs / 8)
        var zeros = [UInt32](repeating: 0, count: scales.count / 8)
        scales.withUnsafeMutableBufferPointer { scales in
            levels.withUnsafeMutableBufferPointer { levels in
                zeros.withUnsafeMutableBufferPointer { zeros in
                    let words = FourBitWords(layout: layout, outputs: outputs, group: group, scales, levels, zeros)
                    // Eight outputs share words.
                    parallel(rows: outputs / 8, grain: 1) { eights, _ in
                        for output in eights.lowerBound * 8..<eights.upperBound * 8 {
                            for (index, found) in rows.groups(of: output).enumerated() {
                                words.put(found, index, output)
                            }
                        }
                    }
                }
            }
        }
        let entries = FourBitParts.entries([outputs, inputs], layout) ?? []
        for (entry, words) in zip(entries, [levels, zeros]) {
            tensors[entry.name] = Tensor(words.map(Int32.init(bitPattern:)), shape: Shape(entry.shape))
        }
        tensors["scales"] = Tensor(scales, shape: [inputs / group, outputs]).cast(to: .float16)
        guard layout.method == .gptq else { return }
        tensors["g_idx"] = Tensor((0..<inputs).map { Int32($0 / group) }, shape: [inputs])
    }
}

/// A scale, a zero and levels.
private struct FourBitGroup { let scale: Float, zero: Int, levels: [UInt8] }

/// Where the bits of groups go.
private struct FourBitWords {
    let layout: FourBitLayout, outputs, group: Int
    private let scales: UnsafeMutableBufferPointer<Float>
    private let levels, zeros: UnsafeMutableBufferPointer<UInt32>

    init(
        layout: FourBitLayout,
        outputs: Int,
        group: Int,
        _ scales: UnsafeMutableBufferPointer<Float>,
        _ levels: UnsafeMutableBufferPointer<UInt32>,
        _ zeros: UnsafeMutableBufferPointer<UInt32>
    ) {
        (self.layout, self.outputs, self.group) = (layout, outputs, group)
        (self.scales, self.levels, self.zeros) = (scales, levels, zeros)
    }

    func put(_ found: FourBitGroup, _ index: Int, _ output: Int) {
        let isAWQ = layout.method == .awq, bits = layout.zeroBits(output)
        scales[index * outputs + output] = found.scale
        zeros[(index * outputs + output) / 8] |= UInt32(found.zero - layout.zeroShift) << bits
        for (offset, level) in found.levels.enumerated() {
            let input = index * group + offset
            let place = isAWQ ? (input * outputs + output) / 8 : input / 8 * outputs + output
            levels[place] |= UInt32(level) << (isAWQ ? bits : UInt32(4 * (input % 8)))
        }
    }
}

/// The rows of a matrix in groups of one scale and one zero.
private struct FourBitRows {
    typealias Group = FourBitGroup

    private let matrix: Tensor, group: Int, zeros: ClosedRange<Int>, cost: [Float]?

    init(_ matrix: Tensor, _ group: Int, _ shift: Int, _ cost: [Float]?) {
        (self.matrix, self.group, zeros, self.cost) = (matrix, group, shift...15 + shift, cost)
    }

    func groups(of output: Int) -> [Group] {
        let exact = exact(output)
        guard exact.contains(where: { $0 == nil }) else { return exact.compactMap(\.self) }
        let row = matrix.row(output)
        return exact.enumerated().map { index, found in
            let inputs = index * group..<(index + 1) * group
            return found ?? rounded(row[inputs], cost?[inputs])
        }
    }

    /// The groups whose blocks share a scale and whose numbers span no more than 16 levels; nil for others.
    private func exact(_ output: Int) -> [Group?] {
        let dtype = matrix.dtype, width = matrix.shape[1], perGroup = group / 32
        guard dtype == .q4_0 || dtype == .q5_0, !matrix.isPacked, group % 32 == 0 else {
            return Array(repeating: nil, count: width / group)
        }
        return matrix.withBytes { bytes in
            let row = bytes.baseAddress! + output * dtype.bytes(for: width)
            return stride(from: 0, to: width / 32, by: perGroup).map { first in
                joined((first..<first + perGroup).map { FourBitBlock.read(row + $0 * dtype.bytesPerBlock, dtype) })
            }
        }
    }

    private func joined(_ blocks: [(scale: Float16, values: [Int])]) -> Group? {
        let scale = blocks[0].scale, values = blocks.flatMap(\.values)
        guard blocks.allSatisfy({ $0.scale == scale }) else { return nil }
        return levels(values, Float(scale)) ?? levels(values.map { -$0 }, -Float(scale))
    }

    /// Numbers with a zero added that makes levels of all of them, 8 if that can be.
    private func levels(_ numbers: [Int], _ scale: Float) -> Group? {
        let least = numbers.min() ?? 0, most = numbers.max() ?? 0
        let zero = [8, -least, 15 - most].first { zeros.contains($0) && least + $0 >= 0 && most + $0 <= 15 }
        return zero.map { zero in Group(scale: scale, zero: zero, levels: numbers.map { UInt8($0 + zero) }) }
    }

    private func rounded(_ values: ArraySlice<Float>, _ cost: ArraySlice<Float>?) -> Group {
        let least = min(values.min() ?? 0, 0), most = max(values.max() ?? 0, 0)
        var best = rounded(values, least, most), error = error(best, values, cost)
        for share in stride(from: Float(0.96), to: 0.7, by: -0.04) {
            let next = rounded(values, least * share, most * share), found = self.error(next, values, cost)
            if found < error { (best, error) = (next, found) }
        }
        return best
    }

    private func rounded(_ values: ArraySlice<Float>, _ least: Float, _ most: Float) -> Group {
        let scale = Float(Float16((most - least) / 15))
        guard scale > 0 else { return Group(scale: 0, zero: 8, levels: values.map { _ in 8 }) }
        let zero = min(max(Int((-least / scale).rounded()), zeros.lowerBound), zeros.upperBound)
        let levels = values.map { UInt8(min(max(($0 / scale).rounded() + Float(zero), 0), 15)) }
        return Group(scale: scale, zero: zero, levels: levels)
    }

    private func error(_ group: Group, _ values: ArraySlice<Float>, _ cost: ArraySlice<Float>?) -> Float {
        var sum: Float = 0
        for (index, value) in values.enumerated() {
            let off = group.scale * Float(Int(group.levels[index]) - group.zero) - value
            sum += off * off * (cost?[values.startIndex + index] ?? 1)
        }
        return sum
    }
}
