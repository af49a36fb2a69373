import Tensors
import TestSupport
import Testing
import Training

/// Five steps of optimisers as the reference library, or the paper in double precision, takes them.
@Suite struct ReferenceOptimizerTests {
    static let cases: [(name: String, optimizer: any Optimizer, rate: Float)] = [
        ("adafactor.scheduled", Adafactor(decay: 0.1), 0.02),
        ("adafactor.relative", Adafactor(decay: 0.1, stepSize: .relative), 0.01),
        ("muon", Muon(), 0.02),
    ]

    private func taken(_ optimizer: any Optimizer, rate: Float, forgetting: Bool = false) throws -> [String: Tensor] {
        let golden = try Golden.safetensors("Training/optimizers").tensors
        var optimizer = optimizer, parameters = golden.under("start")
        for step in 1...5 {
            optimizer.update(&parameters, along: golden.under("slope.\(step)"), rate: rate)
            guard forgetting else { continue }
            let (memory, steps) = (optimizer.memory, optimizer.steps)
            (optimizer.memory, optimizer.steps) = ([:], 0)
            (optimizer.memory, optimizer.steps) = (memory, steps)
        }
        return parameters
    }

    @Test(arguments: cases.indices) func fiveStepsAreThoseOfTheReference(index: Int) throws {
        let (name, optimizer, rate) = Self.cases[index]
        let golden = try Golden.safetensors("Training/optimizers").tensors.under(name)
        let parameters = try taken(optimizer, rate: rate)
        #expect(parameters.count == 4 && golden.count == 4)
        for (parameter, tensor) in parameters { expectClose(tensor, golden[parameter]!, absolute: 5e-5, parameter) }
    }

    /// What a checkpoint holds is all that a later step depends on.
    @Test(arguments: cases.indices) func memoryAndStepsAreTheWholeState(index: Int) throws {
        let (_, optimizer, rate) = Self.cases[index]
        let plain = try taken(optimizer, rate: rate), restored = try taken(optimizer, rate: rate, forgetting: true)
        #expect(plain.mapValues(\.scalars) == restored.mapValues(\.scalars))
    }

    @Test func adafactorRemembersRowsAndColumnsOfAMatrix() {
        var optimizer = Adafactor(), parameters = ["w": Tensor.zeros([3, 5]), "v": Tensor.zeros([4])]
        optimizer.update(&parameters, along: parameters.mapValues { Tensor.ones($0.shape) }, rate: 0.1)
        #expect(optimizer.memory.mapValues { Array($0.shape) } == ["rows.w": [3], "columns.w": [5], "second.v": [4]])
    }

    @Test func muonMovesOnlyMatricesOfLayers() {
        let shapes: [String: Shape] = ["layers.0.w": [3, 5], "layers.0.norm": [4], "embed.weight": [2, 3]]
        var optimizer = Muon(), parameters = shapes.mapValues { Tensor.zeros($0) }
        optimizer.update(&parameters, along: shapes.mapValues { Tensor.ones($0) }, rate: 0.1)
        #expect(optimizer.memory.keys.filter { $0.hasPrefix("momentum.") } == ["momentum.layers.0.w"])
        #expect(optimizer.memory.keys.contains("second.embed.weight") && optimizer.steps == 1)
    }

    @Test(arguments: [(1, 1), (1, 9), (4, 4), (7, 33), (40, 3)])
    func singularValuesComeNearOne(rows: Int, columns: Int) {
        var random = SplitMix(seed: 5)
        let x = Tensor(random.floats(rows * columns), shape: [rows, columns]).orthogonalized
        // The squares of the singular values add up to the squares of the elements.
        let mean = Double(norm(["x": x]) * norm(["x": x])) / Double(min(rows, columns))
        #expect(mean > 0.3 && mean < 1.5, "\(rows) × \(columns): \(mean)")
    }

    @Test(arguments: cases.indices) func nothingDecaysButMatrices(index: Int) {
        var optimizer = Self.cases[index].optimizer
        let ones = ["layers.0.w": Tensor.ones([4, 4]), "layers.0.norm": Tensor.ones([4])]
        var parameters = ones
        optimizer.update(&parameters, along: ones.mapValues { Tensor.zeros($0.shape) }, rate: 0.01)
        #expect(parameters["layers.0.norm"]!.scalars == [1, 1, 1, 1])
        #expect(parameters["layers.0.w"]!.scalars.allSatisfy { $0 < 1 })
    }
}

extension [String: Tensor] {
    /// Those whose names begin with `prefix` and a full stop, without it.
    func under(_ prefix: String) -> [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: filter { $0.key.hasPrefix(prefix + ".") }.map {
                (String($0.key.dropFirst(prefix.count + 1)), $0.value)
            }
        )
    }
}

extension Tensor {
    static func ones(_ shape: Shape) -> Tensor { Tensor([Float](repeating: 1, count: shape.elements), shape: shape) }
}
