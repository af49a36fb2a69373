import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// GPT-OSS's experts as the Hub keeps them: together, gate and up row by row in turn.
@Suite struct GPTOSSExpertsTests {
    private static let stem = "model.layers.0.mlp.experts."

    /// Two experts of width 3, with 4 outputs of gate and up each.
    private static var floats: [String: Tensor] {
        func numbers(_ shape: Shape) -> Tensor { Tensor((0..<shape.elements).map(Float.init), shape: shape) }
        return [
            stem + "gate_up_proj": numbers([2, 3, 8]), stem + "gate_up_proj_bias": numbers([2, 8]),
            stem + "down_proj": numbers([2, 4, 3]), stem + "down_proj_bias": numbers([2, 3]),
            "lm_head.weight": numbers([1]),
        ]
    }

    @Test func mapsOfFloatsAreTurnedAndTakenApart() throws {
        let experts = try GPTOSSExperts(Self.floats), names = ["gate_proj", "up_proj", "down_proj"]
        let all = (0..<2).flatMap { expert in
            names.flatMap { ["\(Self.stem)\(expert).\($0).weight", "\(Self.stem)\(expert).\($0).bias"] }
        }
        #expect(Set(experts.entries.map(\.name)) == Set(all + ["lm_head.weight"]))
        for entry in experts.entries {
            #expect(try experts.tensor(entry.name, nil).map { Array($0.shape) } == entry.shape, "\(entry.name)")
        }
        // Of expert 1: inputs 0, 1, 2 of output 4, the third of up's rows being 5.
        let up = try #require(try experts.tensor(Self.stem + "1.up_proj.weight", nil))
        #expect(up.shape == [4, 3] && up.rows(2..<3).scalars == [29, 37, 45])
        let gate = try experts.tensor(Self.stem + "1.gate_proj.bias", nil)
        #expect(gate?.scalars == [8, 10, 12, 14])
        let down = try experts.tensor(Self.stem + "0.down_proj.weight", nil)
        #expect(down?.shape == [3, 4] && down?.rows(1..<2).scalars == [1, 4, 7, 10])
    }

    @Test func theWayBackIsTheSame() throws {
        let stacked = StackedExperts(try GPTOSSExperts(Self.floats))
        #expect(Set(stacked.entries) == Set(Self.floats.entries))
        for (name, tensor) in Self.floats {
            let found = try #require(try stacked.tensor(name, nil))
            #expect(found.shape == tensor.shape && found.scalars == tensor.scalars, "\(name)")
        }
    }

    /// Every number of MXFP4 is one of bfloat16.
    @Test func blocksAreWrittenAsFloats() throws {
        let bytes = (0..<64).map { UInt8(($0 * 37 + 11) % 256) }
        let file = try Self.file([
            (Self.stem + "gate_up_proj_blocks", [1, 4, 1, 16], bytes),
            (Self.stem + "gate_up_proj_scales", [1, 4, 1], [130, 127, 120, 128]),
        ])
        let experts = try GPTOSSExperts(file), stacked = StackedExperts(experts)
        #expect(stacked.entries == [WeightEntry(Self.stem + "gate_up_proj", .bfloat16, [1, 32, 4])])
        let written = try #require(try stacked.tensor(Self.stem + "gate_up_proj", nil))
        let again = try GPTOSSExperts([Self.stem + "gate_up_proj": written])
        for entry in experts.entries {
            #expect(try again.tensor(entry.name, nil)?.scalars == experts.tensor(entry.name, nil)?.scalars)
        }
    }

    @Test func anExpertThatIsMissingIsNamed() throws {
        let name = Self.stem + "1.up_proj.weight"
        let experts = try GPTOSSExperts(Self.floats)
        var some: [String: Tensor] = [:]
        for entry in experts.entries where entry.name != name { some[entry.name] = try experts.tensor(entry.name, nil) }
        let stacked = StackedExperts(some)
        #expect(throws: CheckpointError.missingTensor(name)) { try stacked.tensor(Self.stem + "gate_up_proj", nil) }
    }

    private static func file(_ tensors: [(String, [Int], [UInt8])]) throws -> SafetensorsFile {
        var header: [String: Any] = [:], bytes: [UInt8] = []
        for (name, shape, data) in tensors {
            header[name] = ["dtype": "U8", "shape": shape, "data_offsets": [bytes.count, bytes.count + data.count]]
            bytes += data
        }
        let text = [UInt8](try JSONSerialization.data(withJSONObject: header))
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { [UInt8]($0) }
        return try SafetensorsFile(bytes: length + text + bytes, name: "experts")
    }

    /// Every code of four bits, in both halves of a block, under a scale of 2.
    @Test func blocksAreThoseOfGGUF() throws {
        let codes = (0..<32).map { UInt8($0 % 16) }
        let block = stride(from: 0, to: 32, by: 2).map { codes[$0] | codes[$0 + 1] << 4 }
        let file = try Self.file([
            (Self.stem + "down_proj_blocks", [1, 2, 1, 16], block + block.reversed()),
            (Self.stem + "down_proj_scales", [1, 2, 1], [128, 127]),
        ])
        let experts = try GPTOSSExperts(file), name = Self.stem + "0.down_proj.weight"
        #expect(experts.entries == [WeightEntry(name, .mxfp4, [2, 32])])
        let levels: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6],
            values = codes.map { code in
                levels[Int(code & 7)] * (code > 7 ? -1 : 1)
            }
        let found = try #require(try experts.tensor(name, nil)).scalars
        #expect(Array(found.prefix(32)) == values.map { 2 * $0 })
        let second = block.reversed().flatMap { [$0 & 15, $0 >> 4] }
        #expect(Array(found.suffix(32)) == second.map { levels[Int($0 & 7)] * ($0 > 7 ? -1 : 1) })
    }

    private static let wrong: [[(name: String, shape: [Int])]] = [
        [("down_proj_blocks", [1, 2, 16])], [("down_proj_blocks", [1, 2, 1, 8])],
        [("down_proj_blocks", [1, 1, 1, 16])],
        [("gate_up_proj_blocks", [1, 1, 1, 16]), ("gate_up_proj_scales", [1, 2, 1])],
        [("gate_up_proj_blocks", [1, 1, 1, 16]), ("gate_up_proj_scales", [1, 1, 1])],
    ]

    @Test(arguments: 0..<5) func tensorsThatDoNotFitAreRefusedByName(index: Int) throws {
        let file = try Self.file(
            Self.wrong[index].map { part in
                (Self.stem + part.name, part.shape, [UInt8](repeating: 0, count: part.shape.reduce(1, *)))
            }
        )
        let error = #expect(throws: CheckpointError.self) { try GPTOSSExperts(file) }
        #expect("\(try #require(error))".contains("_proj"))
    }

    @Test(arguments: ["gate_up_proj", "down_proj_bias"])
    func floatsThatDoNotFitAreRefusedByName(part: String) {
        var tensors = Self.floats
        tensors[Self.stem + part] = Tensor([Float](repeating: 0, count: 24), shape: [24])
        #expect(throws: CheckpointError.self) { try GPTOSSExperts(tensors) }
    }
}
