import CKernels
import Foundation
import Tensors
import TestSupport
import Testing

/// Rows that look like weights, weights of their columns, and how much llama.cpp's quantisers err on them.
private struct Encoded: Sendable {
    struct Errors: Decodable, Sendable { let plain, weighted: Double }

    let values, weights: [Float], errors: [String: Errors]
    let width = 1024

    static let golden = Result { try Encoded() }

    init() throws {
        let (tensors, metadata) = try Golden.safetensors("Tensors/encoded")
        values = try #require(tensors["values"]).scalars
        weights = try #require(tensors["weights"]).scalars
        errors = try JSONDecoder().decode([String: Errors].self, from: Data(metadata["errors", default: ""].utf8))
    }

    func rows(_ dtype: DType, _ weights: [Float]?, _ kernels: kernels_t) -> Tensor {
        encode(values, width, dtype, weights, kernels)
    }

    /// The root of the mean of weighted squares.
    func error(_ rows: Tensor, _ weights: [Float]?) -> Double {
        let squares = zip(rows.scalars, values).enumerated().map { index, pair in
            pow(Double(pair.0) - Double(pair.1), 2) * Double(weights?[index % width] ?? 1)
        }
        return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }
}

private func encode(_ x: [Float], _ width: Int, _ dtype: DType, _ weights: [Float]?, _ kernels: kernels_t) -> Tensor {
    var bytes = [UInt8](repeating: 0xaa, count: dtype.bytes(for: x.count))
    bytes.withUnsafeMutableBytes { bytes in
        x.withUnsafeBufferPointer { x in
            for row in 0..<x.count / width {
                let target = bytes.baseAddress! + row * dtype.bytes(for: width)
                kernels.encode(dtype.weight, target, x.baseAddress! + row * width, weights, width)
            }
        }
    }
    return Tensor(bytes: bytes, dtype: dtype, shape: [x.count / width, width])
}

/// A format by its levels alone.
private struct Levels {
    let run: Int, count: Float, isSymmetric: Bool

    init(_ dtype: DType) {
        run = [.q2_K, .q3_K, .q6_K].contains(dtype) ? 16 : 32
        isSymmetric = [.q4_0, .q5_0, .q8_0, .q3_K, .q6_K].contains(dtype)
        let bits = String(dtype.rawValue.dropFirst().prefix(1))
        count = exp2(Float(bits) ?? 0)
    }

    func rounded(_ values: [Float]) -> [Float] {
        stride(from: 0, to: values.count, by: run).flatMap { start -> [Float] in
            let block = values[start..<start + run]
            guard isSymmetric else {
                let least = min(block.min()!, 0), step = max(block.max()! - least, 1e-9) / (count - 1)
                return block.map { least + (($0 - least) / step).rounded() * step }
            }
            let step = max(block.map(abs).max()!, 1e-9) / (count / 2 - 1)
            return block.map { ($0 / step).rounded() * step }
        }
    }
}

@Suite struct EncodeKernelTests {
    private static let types = DType.weights.filter { $0.isQuantized && $0.isWritten }

    /// As good as llama.cpp, and better where the format leaves a choice.
    @Test(arguments: ISA.available, types)
    func errorsAreNoLargerThanTheReferences(isa: ISA, dtype: DType) throws {
        let golden = try Encoded.golden.get()
        let expected = try #require(golden.errors[dtype.rawValue.uppercased()])
        for (weights, limit) in [(nil, expected.plain), (golden.weights, expected.weighted)] {
            let found = golden.error(golden.rows(dtype, weights, isa.kernels), weights)
            #expect(found <= limit * 1.000001, "\(weights == nil ? "plain" : "weighted") \(found / limit)")
        }
    }

    /// The slow twin: each run of 16 or 32 values spread between its ends, as if scales were free and took no bits.
    @Test(arguments: ISA.available, types)
    func rowsErrHardlyMoreThanWithScalesThatAreFree(isa: ISA, dtype: DType) throws {
        let golden = try Encoded.golden.get(), width = golden.width
        let rows = golden.rows(dtype, nil, isa.kernels).scalars
        for start in stride(from: 0, to: rows.count, by: width) {
            let values = Array(golden.values[start..<start + width])
            let found = zip(rows[start..<start + width], values).reduce(0) { $0 + pow($1.0 - $1.1, 2) }
            let plain = zip(Levels(dtype).rounded(values), values).reduce(0) { $0 + pow($1.0 - $1.1, 2) }
            #expect(found < 1.25 * plain, "row \(start / width): \(found / plain)")
        }
    }

    @Test(arguments: ISA.available, types)
    func oddRowsStayNumbers(isa: ISA, dtype: DType) {
        let width = 256, none = [Float](repeating: 0, count: width)
        var outlier = none, weights = [Float](repeating: 1, count: width)
        outlier[77] = -1000
        weights[3] = 1e6
        let ramp = (0..<width).map { Float($0) }
        for constant in [Float(0), -0.0, 0.25, -0.25, 1e-30, -1e-36] {
            let row = [Float](repeating: constant, count: width)
            for weights in [nil, weights] {
                let back = encode(row, width, dtype, weights, isa.kernels).scalars
                #expect(back.allSatisfy { abs($0 - constant) <= abs(constant) * 0.03 + 1e-6 }, "\(constant)")
            }
        }
        for row in [outlier, ramp, ramp.map { -$0 }, ramp.map { $0 * 200 }] {
            let back = encode(row, width, dtype, weights, isa.kernels).scalars, peak = row.map(abs).max()!
            #expect(zip(back, row).allSatisfy { abs($0 - $1) <= 0.35 * peak }, "\(row[77])")
        }
    }

    @Test(arguments: types.filter { $0 != .q8_0 })
    func whatWeighsMoreIsMetMoreClosely(dtype: DType) throws {
        let golden = try Encoded.golden.get()
        for column in [0, 100, 777] {
            var weights = [Float](repeating: 1, count: golden.width)
            weights[column] = 1000
            func error(_ weights: [Float]?) -> Float {
                let rows = golden.rows(dtype, weights, kernels().pointee).scalars
                return stride(from: column, to: rows.count, by: golden.width).reduce(0) {
                    $0 + pow(rows[$1] - golden.values[$1], 2)
                }
            }
            #expect(error(weights) < error(nil), "column \(column)")
        }
    }

    @Test(arguments: types)
    func aTensorIsStoredRowByRowWhateverItWas(dtype: DType) throws {
        let golden = try Encoded.golden.get(), half = Tensor(golden.values, shape: [8, 1024]).cast(to: .bfloat16)
        let expected = encode(half.scalars, 1024, dtype, golden.weights, kernels().pointee)
        let found = half.stored(as: dtype, weighing: golden.weights)
        #expect(found.shape == [8, 1024] && found.dtype == dtype)
        #expect(found.withBytes { Array($0) } == expected.withBytes { Array($0) })
        #expect(half.packed().stored(as: dtype).scalars == half.stored(as: dtype).scalars)
    }

    @Test(arguments: ISA.available, [1, 5, 16, 33, 100])
    func thePeakIsTheLargestMagnitudeOrNoNumber(isa: ISA, count: Int) {
        var random = SplitMix(seed: 9)
        var x = random.floats(count, bound: 3)
        #expect(isa.kernels.peak(x, count) == x.map(abs).max())
        for (value, place) in [(-7, 0), (Float.infinity, count / 2), (.nan, count - 1)] as [(Float, Int)] {
            x[place] = value
            let found = isa.kernels.peak(x, count)
            #expect(value.isNaN ? found.isNaN : found == abs(value))
        }
        let plain: [Float] = [1, -2, 0, 0], broken: [Float] = [1, -2, .nan, 0]
        #expect(Tensor(plain, shape: [2, 2]).peak == 2 && Tensor(broken, shape: [2, 2]).peak.isNaN)
    }
}
