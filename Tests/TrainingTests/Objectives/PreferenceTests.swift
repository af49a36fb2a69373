import Checkpoints
import Models
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

/// Preferences against the paper's formula, worked out by the reference library in double precision.
@Suite struct PreferenceTests {
    static func objective() throws -> Objective {
        Objective(
            TinyLlama.settings,
            precision: .float32,
            base: try TinyLlama().weights,
            adapter: try AdapterTests.adapter("lora")
        )
    }

    private func loss(_ name: String, _ reference: any LanguageModel) throws -> Preference {
        switch name {
        case "cdpo": try Preference(beta: 0.3, smoothing: 0.2, reference: reference)
        case "imitating": try Preference(beta: 0.3, imitation: 0.5, reference: reference)
        case "mean": try Preference(beta: 2, score: .mean, reference: reference)
        default: try Preference(beta: 0.3, reference: reference)
        }
    }

    /// The golden documents end to end, of which only the answers count.
    private func batch(_ golden: [String: Tensor], documents count: Int = 4) -> TrainingBatch {
        let prompt = Int(golden["prompt"]!.integers[0])
        var tokens: [Int32] = [], targets: [Int32] = [], documents: [Range<Int>] = []
        for index in 0..<count {
            let document = golden["tokens.\(index)"]!.integers
            documents.append(tokens.count..<tokens.count + document.count)
            targets += document.indices.map { $0 + 1 < prompt || $0 + 1 == document.count ? -1 : document[$0 + 1] }
            tokens += document
        }
        return TrainingBatch(tokens: tokens, targets: targets, documents: documents)
    }

    @Test(arguments: ["dpo", "cdpo", "imitating", "mean"])
    func lossRewardsAndGradientAgreeWithTheFormula(name: String) throws {
        let golden = try Golden.safetensors("Training/preferences").tensors
        var objective = try Self.objective()
        objective.loss = try loss(name, objective.reference())
        let parameters = try Golden.safetensors("Training/adapter-lora").tensors.under("parameter")
        var metrics: [String: Double] = [:]
        let (value, gradient) = try valueAndGradient(of: parameters) { parameters in
            let measured = try objective(parameters, batch(golden))
            metrics = measured.metrics
            return measured.loss
        }
        #expect(abs(value - golden["\(name).loss"]!.scalars[0]) < 5e-3)
        let rewards = golden["\(name).rewards"]!.scalars.map(Double.init)
        try #require(rewards.count == 4)
        let chosen = try #require(metrics["rewards.chosen"]), margin = try #require(metrics["rewards.margin"])
        #expect(abs(chosen - (rewards[0] + rewards[2]) / 2) < 1e-2)
        #expect(abs(margin - (rewards[0] + rewards[2] - rewards[1] - rewards[3]) / 2) < 1e-2)
        let right = (rewards[0] > rewards[1] ? 0.5 : 0) + (rewards[2] > rewards[3] ? 0.5 : 0)
        #expect(metrics["rewards.accuracy"] == right)
        for (name, expected) in golden.under("\(name).gradient") {
            let size = expected.scalars.map(abs).max()!
            expectClose(gradient[name]!, expected, absolute: 0.02 * size, relative: 0.01, name)
        }
    }

    /// A network that has learnt nothing prefers nothing: the loss is log 2.
    @Test(arguments: [Objective.Precision.float32, .bfloat16]) func itBeginsAtTheLogarithmOfTwo(
        precision: Objective.Precision
    ) throws {
        let golden = try Golden.safetensors("Training/preferences").tensors, weights = try TinyLlama().weights
        var objective = Objective(TinyLlama.settings, precision: precision)
        objective.loss = try Preference(reference: objective.reference(weights))
        let measured = try objective(weights, batch(golden))
        #expect(abs(measured.loss.scalars[0] - 0.693147) < 1e-5 && measured.metrics["rewards.margin"] == 0)
    }

    /// Counts what it is asked for.
    private struct Counted: LanguageModel {
        let model: any LanguageModel, rows = Counter()

        final class Counter: Sendable {
            let count = Atomic(0)
        }

        init(_ model: any LanguageModel) { self.model = model }
        init(_ settings: Settings, _ weights: Weights) throws { self.init(try Llama(settings, weights)) }

        var vocabulary: Int { model.vocabulary }
        var cacheShape: CacheShape { model.cacheShape }
        var head: AffineMap { model.head }

        func states(_ batch: Batch) -> Tensor {
            rows.count.add(batch.tokens.count, ordering: .relaxed)
            return model.states(batch)
        }
    }

    /// The reference scores a document once, whatever comes with it later, and the loss keeps its bits.
    @Test func whatTheReferenceSaidIsRemembered() throws {
        let golden = try Golden.safetensors("Training/preferences").tensors
        var objective = try Self.objective()
        let plain = try objective.reference(), counted = Counted(plain)
        let parameters = try Golden.safetensors("Training/adapter-lora").tensors.under("parameter")
        let (two, four) = (batch(golden, documents: 2), batch(golden))
        objective.loss = try Preference(reference: counted)
        let remembering = try [two, four, two, four].map { try objective(parameters, $0).loss.scalars }
        #expect(counted.rows.count.load(ordering: .relaxed) == four.tokens.count)
        let anew = try [two, four, two, four].map { batch in
            objective.loss = try Preference(reference: plain)
            return try objective(parameters, batch).loss.scalars
        }
        #expect(remembering == anew)
    }

    @Test func documentsThatAreNoPairsAreRefused() throws {
        let golden = try Golden.safetensors("Training/preferences").tensors
        var objective = try Self.objective()
        objective.loss = try Preference(reference: objective.reference())
        let error = #expect(throws: TrainingError.unpaired(documents: 3)) {
            try objective(objective.fresh(seed: 1), batch(golden, documents: 3))
        }
        #expect("\(try #require(error))".contains("chosen and rejected"))
    }

    @Test func impossibleNumbersAreRefused() throws {
        let reference = try Self.objective().reference()
        #expect(throws: TrainingError.self) { try Preference(beta: 0, reference: reference) }
        #expect(throws: TrainingError.self) { try Preference(smoothing: 0.5, reference: reference) }
        #expect(throws: TrainingError.self) { try Preference(imitation: .nan, reference: reference) }
    }
}
