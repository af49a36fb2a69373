import Bundles
import Checkpoints
import Foundation
import Models
import Tensors
import Testing
import Text
import Training

/// From a configuration to a model that opens.
@Suite struct TrainingJobTests {
    @Test func aNewModelComesOfTextAlone() throws {
        let place = try Workplace()
        let settings =
            Workplace.new + #", "steps": 80, "samples": {"prompts": ["The swift"], "every": 40, "tokens": 8}"#
        var run = try place.job("new", settings).prepared(), samples = 0
        #expect(run.step == 0 && run.steps == 80)
        let ending = try run.go(report: { event in if case .sample = event { samples += 1 } })
        let folder = run.job.places.folder, records = try folder.records()
        #expect(ending == .finished && samples == 2 && folder.samples.map(\.step) == [40, 80])
        #expect(records.count == 80 && records.last!.loss < records.first!.loss / 2)
        #expect(folder.note?.ending == .finished)
        #expect(
            try String(contentsOf: folder.url.appending(path: "report.html"), encoding: .utf8).contains("The swift")
        )
        let bundle = try ModelBundle.open(run.result.path)
        let network = try Models.model(bundle.settings, Weights(bundle.network))
        let ids = try Tokenizer(bundle.tokenizer).encode("The swift flies over the", addSpecial: false).map(Int32.init)
        let next = network(Batch(tokens: ids, for: network.cacheShape)).withFloats {
            argmax(UnsafeBufferPointer(rebasing: $0.suffix(network.vocabulary)))
        }
        let word = try Tokenizer(bundle.tokenizer).decode([try #require(next)])
        #expect([" roof", " lake", " wood", " tower"].contains { $0.hasPrefix(word) }, "\(word)")
    }

    @Test(arguments: [0, 7, 20]) func aStoppedJobGoesOnExactly(batches: Int) throws {
        let place = try Workplace(), settings = Workplace.new + #", "steps": 24, "checkpoints": {"every": 5}"#
        var whole = try place.job("whole", settings).prepared()
        _ = try whole.go()
        var first = try place.job("parts", settings).prepared(), asked = 0
        let ending = try first.go(isStopped: {
            asked += 1
            return asked > batches
        })
        #expect(ending == .stopped && first.job.places.folder.note?.ending == .stopped)
        #expect(!FileManager.default.fileExists(atPath: first.result.path))
        _ = consume first
        var second = try place.job("parts", settings).prepared()
        #expect(second.step == batches)
        #expect(try second.go() == .finished)
        func losses(_ name: String) throws -> [Double] {
            try RunFolder(place.url.appending(path: "runs/\(name)")).records().map(\.loss)
        }
        #expect(try losses("whole") == losses("parts"))
    }

    @Test(arguments: ["lora", "dora"]) func anAdapterOpensOverItsBase(kind: String) throws {
        let place = try Workplace(), base = try place.base()
        let settings = #"""
            "model": {"base": "\#(base.path)"}, "data": {"train": "chat.jsonl", "validation_share": 0}, "steps": 12,
            "adapter": {"type": "\#(kind)", "rank": 4, "dropout": 0.1}, "batch": {"tokens": 128, "context": 128,
            "precision": "float32"}, "optimizer": {"rate": 0.02}
            """#
        var run = try place.job("adapter", settings).prepared()
        _ = try run.go()
        let records = try run.job.places.folder.records()
        let first = try #require(records.first), last = try #require(records.last)
        #expect(last.loss < first.loss)
        let adapted = try ModelBundle.open(run.result.path)
        #expect(adapted.adapter?.configuration.rank == 4 && adapted.adapter?.scalesRows == (kind == "dora"))
        #expect(adapted.fingerprint == run.bundle.fingerprint)
        let checkpoint = run.job.places.folder.checkpoint(12)
        #expect(throws: Never.self) { try AdapterBundle(path: checkpoint.path) }
    }

    @Test func preferencesAreLearntOverAnAdapter() throws {
        let place = try Workplace(), base = try place.base()
        let settings = #"""
            "model": {"base": "\#(base.path)"}, "data": {"train": "pairs.jsonl", "validation_share": 0}, "steps": 16,
            "adapter": {"type": "lora"}, "objective": {"type": "dpo"}, "batch": {"tokens": 256, "context": 64,
            "precision": "float32"}, "optimizer": {"rate": 0.02}
            """#
        var run = try place.job("dpo", settings).prepared()
        _ = try run.go()
        let records = try run.job.places.folder.records()
        let first = try #require(records.first), last = try #require(records.last)
        #expect(abs(first.loss - log(2)) < 1e-3 && last.loss < 0.3)
        #expect(last.metrics?["rewards.accuracy"] == 1)
    }

    @Test func aPlanSaysWhatItTakesAndChangesNothing() throws {
        let place = try Workplace(), job = try place.job("plan", Workplace.new + #", "epochs": 2"#)
        let plan = try job.plan()
        #expect(plan.steps == 2 * ((plan.tokensPerEpoch + 63) / 64) && plan.documents > 90 && plan.frozen == 0)
        #expect(plan.memory.parameters == 4 * plan.parameters && plan.seconds ?? 0 > 0)
        #expect(RunFolder(place.url.appending(path: "runs/plan")).steps.isEmpty)
        #expect(try job.plan(tries: false).trial == nil)
    }

    @Test func whatDoesNotFitIsRefusedWithTheArithmetic() throws {
        let memory = MemoryPlan(
            parameters: 600_000_000,
            gradient: 600_000_000,
            optimizer: 1_200_000_000,
            average: 0,
            frozen: 0,
            working: 300_000_000,
            activations: 100_000_000
        )
        #expect(throws: Never.self) { try memory.require(2_800_000_000) }
        let error = #expect(throws: RunConfigurationError.self) { try memory.require(1_000_000_000) }
        let text = "\(try #require(error))"
        #expect(
            text.contains("needs 2800 MB") && text.contains("optimiser 1200 MB") && text.contains("1000 MB are free")
        )
    }

    @Test(arguments: [
        (#""path": "birds.txt", "layout": "poems""#, "there is no layout “poems”"),
        (#""path": "absent.jsonl""#, "absent.jsonl"),
        (#""path": "birds.odd""#, "name the format"),
    ])
    func whatIsMissingIsNamed(file: String, message: String) throws {
        let place = try Workplace()
        let settings =
            Workplace.new.replacing(#""path": "birds.txt", "format": "lines""#, with: file) + #", "steps": 2"#
        let error = #expect(throws: (any Error).self) { try place.job("x", settings).prepared() }
        #expect("\(try #require(error))".contains(message), "\(String(describing: error))")
    }
}
