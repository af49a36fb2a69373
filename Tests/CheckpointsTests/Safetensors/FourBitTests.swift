import Checkpoints
import Foundation
import Tensors
import Testing

private let goldenFile = golden("fourbit.safetensors")

@Suite struct FourBitTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String, settings: Settings, dtype: DType
        var testDescription: String { name }

        init(_ name: String, _ dtype: DType, _ settings: Settings) {
            var settings = settings
            settings["bits"] = 4
            settings["group_size"] = 32
            (self.name, self.settings, self.dtype) = (name, settings, dtype)
        }
    }

    static let cases = [
        Case("awq", .q5_0, ["quant_method": "awq", "version": "GEMM"]),
        Case("gptq", .q4_0, ["quant_method": "gptq", "sym": true]),
        Case("gptq-uneven", .q5_0, ["quant_method": "gptq", "checkpoint_format": "gptq"]),
        Case("gptq-shuffled", .float16, ["quant_method": "gptq", "desc_act": true]),
        Case("gptq_v2", .q5_0, ["quant_method": "gptq", "checkpoint_format": "gptq_v2"]),
    ]

    private static let reference = Result { try SafetensorsFile(path: goldenFile) }

    /// The parts of a case, as a checkpoint of one matrix `m` beside a norm.
    private static func checkpoint(_ name: String) throws -> [String: Tensor] {
        let file = try reference.get()
        var tensors: [String: Tensor] = ["norm.weight": Tensor([Float(1), 2], shape: [2])]
        for part in ["qweight", "qzeros", "scales", "g_idx"] {
            tensors["m.\(part)"] = try file.tensor("\(name).\(part)", nil)
        }
        return tensors
    }

    private static func expected(_ name: String) throws -> [Float] {
        try #require(try reference.get().tensor("\(name).expected", nil)).scalars
    }

    @Test(arguments: cases)
    func aMatrixStandsForTheReferencesValues(_ this: Case) throws {
        let weights = try FourBitWeights(Self.checkpoint(this.name), FourBitLayout(this.settings))
        #expect(Set(weights.entries.map(\.name)) == ["m.weight", "norm.weight"])
        #expect(weights.entries.first { $0.name == "m.weight" } == WeightEntry("m.weight", this.dtype, [16, 128]))
        let found = try #require(try weights.tensor("m.weight", nil)), expected = try Self.expected(this.name)
        #expect(found.dtype == this.dtype && found.shape == [16, 128])
        let isExact = found.scalars == (this.dtype == .float16 ? expected.map { Float(Float16($0)) } : expected)
        #expect(isExact)
        #expect(try weights.tensor("norm.weight", nil)?.scalars == [1, 2])
    }

    /// Zeros may differ where no value tells; the values do not.
    @Test(arguments: cases.filter { $0.dtype != .float16 }, FourBitLayout.Method.allCases)
    func whatWasReadIsWrittenWithTheSameValues(_ this: Case, method: FourBitLayout.Method) throws {
        let layout = FourBitLayout(method, group: 32)
        let weights = try FourBitWeights(Self.checkpoint(this.name), FourBitLayout(this.settings))
        let matrix = try #require(try weights.tensor("m.weight", nil)), parts = FourBitParts(matrix, layout).tensors
        let entries = try #require(FourBitParts.entries([16, 128], layout))
        #expect(Set(entries.map(\.name)) == Set(parts.keys))
        for entry in entries {
            #expect(parts[entry.name]?.dtype == entry.dtype && parts[entry.name].map { Array($0.shape) } == entry.shape)
        }
        let written = Dictionary(uniqueKeysWithValues: parts.map { ("m." + $0, $1) })
        let read = try FourBitWeights(written, FourBitLayout(layout.configuration(isSymmetric: false)))
        let found = try #require(try read.tensor("m.weight", nil)).scalars, expected = try Self.expected(this.name)
        // GPTQ's zeros go up to 16, AWQ's to 15: a number of -16 is out of its reach.
        let isReached = !(this.name == "gptq-uneven" && method == .awq)
        for (a, b) in zip(found, expected) { #expect(isReached ? a == b : abs(a - b) < 0.15) }
        #expect(found.indices.count { found[$0] == expected[$0] } > 1024)
        if this.name == "gptq", method == .gptq {
            let words = try Self.checkpoint("gptq")
            for part in parts.keys { #expect(parts[part]?.bytes == words["m." + part]?.bytes, "\(part)") }
        }
    }

    @Test(arguments: FourBitLayout.Method.allCases)
    func floatsAreRoundedToTheNearestLevels(method: FourBitLayout.Method) throws {
        let values = (0..<16 * 256).map { (index: Int) -> Float in
            let number = (index * index * 31 + index * 7) % 997
            return Float(number) / 997 - 0.3
        }
        let layout = FourBitLayout(method, group: 64), matrix = Tensor(values, shape: [16, 256])
        func read(_ cost: [Float]?) throws -> [Float] {
            let parts = FourBitParts(matrix, layout, weighing: cost).tensors
            let written: [String: Tensor] = Dictionary(uniqueKeysWithValues: parts.map { ("m." + $0, $1) })
            let weights = try FourBitWeights(written, FourBitLayout(layout.configuration(isSymmetric: false)))
            return try #require(try weights.tensor("m.weight", nil)).scalars
        }
        let plain = try read(nil)
        for (a, b) in zip(plain, values) { #expect(abs(a - b) <= 0.11, "\(a) \(b)") }
        let off: [Float] = zip(plain, values).map { abs($0 - $1) }
        let mean = off.reduce(0, +) / Float(values.count)
        #expect(mean < 0.025)
        var cost = [Float](repeating: 1, count: 256)
        cost[5] = 500
        func error(_ found: [Float]) -> Float {
            stride(from: 5, to: found.count, by: 256).reduce(Float(0)) { sum, at in
                sum + (found[at] - values[at]) * (found[at] - values[at])
            }
        }
        #expect(try error(read(cost)) < error(plain))
    }

    @Test func theConfigurationIsReadBack() throws {
        for layout in [FourBitLayout(.awq), FourBitLayout(.gptq), FourBitLayout(.awq, group: 64)] {
            #expect(try FourBitLayout(layout.configuration(isSymmetric: true)) == layout)
        }
        #expect(try FourBitLayout(["quant_method": "gptq", "bits": 4, "group_size": -1]).group == nil)
    }

    static let damages: [(String, Tensor?, String)] = [
        ("qzeros", nil, "m.qzeros"), ("scales", nil, "m.scales"),
        ("qzeros", Tensor([Int32](repeating: 0, count: 6), shape: [3, 2]), "m.qzeros"),
        ("scales", Tensor([Float](repeating: 0, count: 64), shape: [16, 4]), "m.scales"),
        ("scales", Tensor([Float](repeating: .nan, count: 64), shape: [4, 16]), "scales"),
        ("scales", Tensor([Int32](repeating: 0, count: 64), shape: [4, 16]), "floats"),
        ("qweight", Tensor([Float](repeating: 0, count: 256), shape: [16, 16]), "I32"),
        ("qweight", Tensor([Int32](repeating: 0, count: 256), shape: [256]), "matrices"),
        ("qweight", Tensor([Int32](repeating: 0, count: 16 * 15), shape: [15, 16]), "groups of 32"),
        ("qweight", Tensor([Int32](repeating: 0, count: 16 * 12), shape: [16, 12]), "4-bit levels"),
        ("g_idx", Tensor([Int32](repeating: 4, count: 128), shape: [128]), "g_idx"),
        ("g_idx", Tensor([Int32](repeating: -1, count: 128), shape: [128]), "g_idx"),
        ("g_idx", Tensor([Int32](repeating: 0, count: 64), shape: [64]), "m.g_idx"),
    ]

    @Test(arguments: damages.indices)
    func partsThatDoNotFitAreRefusedByName(index: Int) throws {
        let (part, tensor, text) = Self.damages[index]
        var tensors = try Self.checkpoint("gptq")
        tensors["m." + part] = tensor
        let layout = try FourBitLayout(["quant_method": "gptq", "bits": 4, "group_size": 32])
        let error = #expect(throws: CheckpointError.self) { try FourBitWeights(tensors, layout) }
        #expect(error.map { "\($0)".contains(text) } == true, "\(error.map { "\($0)" } ?? "")")
    }
}
