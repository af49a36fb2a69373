import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// Random rows of a type, in GGUF's blocks, with scales that are small and finite.
struct RandomWeights {
    let dtype: DType, rows: Int, k: Int, bytes: [UInt8]

    init(_ dtype: DType, rows: Int, k: Int) {
        var random = SplitMix(seed: UInt64(rows * 1000 + k))
        var bytes = (0..<dtype.bytes(for: rows * k)).map { _ in UInt8.random(in: 0...255, using: &random) }
        for block in stride(from: 0, to: bytes.count, by: dtype.bytesPerBlock) {
            for (at, value) in zip(RandomWeights.scales(dtype), random.floats(2, bound: 0.1)) {
                RandomWeights.put(value, dtype, &bytes, block + at)
            }
        }
        (self.dtype, self.rows, self.k, self.bytes) = (dtype, rows, k, bytes)
    }

    /// Where a block keeps its halves.
    private static func scales(_ dtype: DType) -> [Int] {
        switch dtype {
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q2_K: [80, 82]
        case .q3_K: [108]
        case .q6_K: [208]
        case .tq2_0: [64]
        default: [0]
        }
    }

    private static func put(_ value: Float, _ dtype: DType, _ bytes: inout [UInt8], _ at: Int) {
        switch dtype {
        case .mxfp4: bytes[at] = 124 + UInt8(abs(value) * 40)
        case .float32: withUnsafeBytes(of: value) { bytes.replaceSubrange(at..<at + 4, with: $0) }
        case .bfloat16:
            let bits = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
            withUnsafeBytes(of: bits) { bytes.replaceSubrange(at..<at + 2, with: $0) }
        default: withUnsafeBytes(of: Float16(value)) { bytes.replaceSubrange(at..<at + 2, with: $0) }
        }
    }

    var tensor: Tensor { Tensor(bytes: bytes, dtype: dtype, shape: [rows, k]) }

    typealias Pack = (weight_t, UnsafeMutableRawPointer?, UnsafeRawPointer?, Int, Int, Int) -> Void

    /// What the kernels read: panels aligned to 64 bytes.
    func panel(by pack: Pack = pack_panel) -> UnsafeMutableRawPointer {
        let panel = UnsafeMutableRawPointer.allocate(byteCount: panel_bytes(dtype.weight, k) + 8192, alignment: 64)
        bytes.withUnsafeBytes { pack(dtype.weight, panel, $0.baseAddress!, dtype.bytes(for: k), rows, k) }
        return panel
    }

    func packed(by pack: Pack) -> [UInt8] {
        let panel = panel(by: pack)
        defer { panel.deallocate() }
        return Array(UnsafeRawBufferPointer(start: panel, count: panel_bytes(dtype.weight, k)))
    }
}

@Suite struct PanelKernelTests {
    /// Multiplies by the panel, all rows of `x` at once.
    private func multiply(_ kernels: kernels_t, _ w: RandomWeights, _ x: [Float], bias: [Float]?) -> [Float] {
        let count = x.count / w.k, panel = w.panel()
        let rowBytes = activation_bytes(w.k), bytes = rowBytes * count
        let tiles = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        defer {
            panel.deallocate()
            tiles.deallocate()
        }
        var y = [Float](repeating: .nan, count: count * w.rows)
        if w.dtype == .bfloat16, let multiply = kernels.panel_bfloat {
            let stride = w.k + w.k % 2
            var halves = [UInt16](repeating: 0xffff, count: count * stride)
            halves.withUnsafeMutableBufferPointer { halves in
                for row in 0..<count {
                    x.withUnsafeBufferPointer {
                        kernels.round_to_bfloat(halves.baseAddress! + row * stride, $0.baseAddress! + row * w.k, w.k)
                    }
                }
            }
            multiply(&y, w.rows, panel, halves, stride, count, w.k, w.rows, bias)
            return y
        }
        guard w.dtype.isQuantized else {
            kernels.panel_float(w.dtype.weight, &y, w.rows, panel, x, w.k, count, w.k, w.rows, bias)
            return y
        }
        x.withUnsafeBufferPointer { x in
            for row in stride(from: 0, to: count, by: kernels.tile_rows) {
                let rows = min(kernels.tile_rows, count - row)
                kernels.quantize_tile(tiles + row * rowBytes, x.baseAddress! + row * w.k, w.k, rows, w.k)
            }
        }
        kernels.panel_quantized(w.dtype.weight, &y, w.rows, panel, tiles, count, w.k, w.rows, bias)
        return y
    }

    /// `x` as the kernels see it for a quantised weight: 8 bits with a scale per 32 values.
    private func rounded(_ x: [Float], _ dtype: DType) -> [Float] {
        guard dtype.isQuantized else { return x }
        return stride(from: 0, to: x.count, by: 32).flatMap { start -> [Float] in
            let block = x[start..<start + 32], peak = block.map(abs).max()!
            return block.map { peak == 0 ? 0 : ($0 * (127 / peak)).rounded(.toNearestOrEven) * (peak / 127) }
        }
    }

    @Test(arguments: ISA.available, DType.weights)
    func productsAreThoseOfTheDequantisedRows(isa: ISA, dtype: DType) {
        for (rows, k, count) in [(32, 256, 1), (32, 768, 7), (5, 1280, 29), (31, 256, 2)] {
            var random = SplitMix(seed: 7)
            let w = RandomWeights(dtype, rows: rows, k: k), x = random.floats(count * k, bound: 2)
            let bias = random.floats(rows), plain = w.tensor.scalars, seen = rounded(x, dtype)
            let y = multiply(isa.kernels, w, x, bias: bias)
            for (at, value) in y.enumerated() {
                let (m, row) = (at / rows, at % rows)
                let terms = (0..<k).map { Double(seen[m * k + $0]) * Double(plain[row * k + $0]) }
                let expected = terms.reduce(Double(bias[row]), +)
                let size = terms.reduce(0) { max($0, abs($1)) } + 1
                // A value halfway between two of the 255 steps may be rounded either way.
                let tolerance = size * (dtype.isQuantized || dtype == .bfloat16 ? 0.02 : 2e-5)
                #expect(abs(Double(value) - expected) < tolerance, "\(rows) x \(k), row \(m), column \(row)")
            }
        }
    }

    /// DESIGN D3, at its root: however many rows go together, each gets the same bits.
    @Test(arguments: ISA.available, DType.weights)
    func aRowsResultIsTheSameBitsInAnyCompany(isa: ISA, dtype: DType) {
        let k = 1280, w = RandomWeights(dtype, rows: 32, k: k)
        var random = SplitMix(seed: 3)
        let x = random.floats(29 * k), bias = random.floats(32)
        let all = multiply(isa.kernels, w, x, bias: bias)
        for count in 1...28 {
            let some = multiply(isa.kernels, w, Array(x[..<(count * k)]), bias: bias)
            #expect(some == Array(all[..<(count * 32)]), "\(count) rows")
        }
    }

    @Test(arguments: DType.weights)
    func panelsAreThoseThatArePackedPlainly(dtype: DType) {
        let block = dtype.blockSize, lengths = block == 1 ? Array(1...37) + [70, 301] : [block, 2 * block, 5 * block]
        for (rows, k) in [32, 31, 5, 1].flatMap({ rows in lengths.map { (rows, $0) } }) {
            let w = RandomWeights(dtype, rows: rows, k: k)
            #expect(w.packed(by: pack_panel) == w.packed(by: pack_panel_plainly), "\(rows) rows of \(k)")
        }
    }

    @Test(arguments: DType.weights)
    func packedRowsReadBackAsTheyWere(dtype: DType) {
        for rows in [1, 31, 32, 33, 70] {
            let tensor = RandomWeights(dtype, rows: rows, k: 512).tensor
            #expect(tensor.packed().scalars == tensor.scalars)
        }
    }

    /// What the gradient of a product over packed weights reads.
    @Test(arguments: ISA.available, DType.weights)
    func stripsOfAPanelAreItsRows(isa: ISA, dtype: DType) {
        let k = 768, width = isa.kernels.product_width
        for (rows, from, columns) in [(32, 0, k), (19, 256, 320), (1, 736, 32)] {
            let w = RandomWeights(dtype, rows: rows, k: k), panel = w.panel(), plain = w.tensor.scalars
            defer { panel.deallocate() }
            let stride = width * rows
            var strips = [Float](repeating: .nan, count: (columns + width - 1) / width * stride)
            isa.kernels.product_strip_panel(dtype.weight, &strips, stride, panel, from, columns, rows)
            for row in 0..<rows {
                let found = (0..<columns).map { strips[$0 / width * stride + row * width + $0 % width] }
                #expect(found == Array(plain[row * k + from..<row * k + from + columns]), "row \(row) of \(rows)")
            }
        }
    }

    @Test(arguments: ISA.available, [DType.float32, .float16, .bfloat16])
    func stripsOfAnOddPanelEndInZeros(isa: ISA, dtype: DType) {
        let k = 37, rows = 5, width = isa.kernels.product_width, stride = width * rows
        let w = RandomWeights(dtype, rows: rows, k: k), panel = w.panel(), plain = w.tensor.scalars
        defer { panel.deallocate() }
        let padded = (k + width - 1) / width * width
        var strips = [Float](repeating: .nan, count: padded * rows)
        isa.kernels.product_strip_panel(dtype.weight, &strips, stride, panel, 0, k, rows)
        for row in 0..<rows {
            let found = (0..<padded).map { strips[$0 / width * stride + row * width + $0 % width] }
            let expected = Array(plain[row * k..<(row + 1) * k]) + [Float](repeating: 0, count: padded - k)
            #expect(found == expected, "row \(row)")
        }
    }
}
