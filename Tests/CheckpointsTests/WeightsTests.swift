import Checkpoints
import Tensors
import Testing

@Suite struct WeightsTests {
    let base = ["a.weight": Tensor([1.0, 2.0], shape: [2]), "b.3.weight": Tensor([3.0], shape: [1])]

    @Test func aPathIsTheNamesJoined() throws {
        let weights = Weights(base)
        #expect(try weights["b"][3].tensor("weight", [1]).bytes == base["b.3.weight"]?.bytes)
        #expect(weights["b"][3].path == "b.3.")
    }

    @Test func aMissingTensorIsNamed() {
        #expect(throws: CheckpointError.missingTensor("b.4.weight")) { try Weights(base)["b"][4].tensor("weight", [1]) }
    }

    @Test func aWrongShapeIsNamedWithBothShapes() {
        let error = CheckpointError.shape("a.weight", expected: [2, 1], found: [2])
        #expect(throws: error) { try Weights(base)["a"].tensor("weight", [2, 1]) }
        let told = "tensor a.weight has shape [2], but the checkpoint's settings call for [2, 1]"
        #expect("\(error)".hasPrefix(told) && "\(error)".hasSuffix("fetch them again"))
    }

    @Test func whatMayBeMissingIsNilThen() throws {
        #expect(try Weights(base)["a"].extra("lora_A.weight") == nil)
        #expect(try Weights(base)["a"].extra("weight") != nil)
    }

    @Test func theFirstOfAnOverlayWins() throws {
        let weights = Weights(Overlay(["a.weight": Tensor([9.0, 9.0], shape: [2])], base))
        #expect(try weights.tensor("a.weight", [2]).withFloats { Array($0) } == [9, 9])
        #expect(try weights.tensor("b.3.weight", [1]).withFloats { Array($0) } == [3])
    }

    @Test func renamedAsksUnderTheOtherName() throws {
        let weights = Weights(Renamed(base) { $0 == "hidden" ? nil : "a." + $0 })
        #expect(try weights.tensor("weight", [2]).withFloats { Array($0) } == [1, 2])
        #expect(try weights.extra("hidden") == nil)
    }

    @Test func randomWeightsDependOnSeedAndNameAlone() throws {
        func draw(_ names: [String], seed: UInt64) throws -> [String: [Float]] {
            let source = RandomWeights(seed: seed)
            for name in names { _ = try Weights(source).tensor(name, [3], uniform: 0.5, fill: 1) }
            return source.tensors.mapValues { $0.withFloats { Array($0) } }
        }
        let drawn = try draw(["x", "y"], seed: 1)
        #expect(try draw(["y", "x"], seed: 1) == drawn)
        #expect(try draw(["x", "y"], seed: 2) != drawn)
        #expect(drawn["x"] != drawn["y"])
        #expect(drawn.values.joined().allSatisfy { (0.5...1.5).contains($0) })
    }

    @Test func randomWeightsInventNothingThatMayBeMissing() throws {
        #expect(try Weights(RandomWeights(seed: 1)).extra("lora_A.weight") == nil)
    }
}
