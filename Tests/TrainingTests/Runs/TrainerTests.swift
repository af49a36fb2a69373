import Foundation
import Tensors
import Testing
import Training

/// Runs learn, are kept, and go on exactly.
@Suite struct TrainerTests {
    @Test(arguments: Objective.Precision.allCases) func itLearns(precision: Objective.Precision) throws {
        let run = try CountingRun()
        var trainer = try run.trainer(steps: 60, precision: precision)
        #expect(try trainer.run() == .finished)
        let records = try run.folder.records()
        #expect(records.count == 60 && records.first!.loss > 2.4 && records.last!.loss < 0.5)
        let validation = try #require(records.last?.validation)
        #expect(validation < 1)
        #expect(trainer.state.progress.tokens == 60 * 2 * 29)
    }

    /// The folder as it is at any moment, as a killed process leaves it, is taken up and gives the same curve and weights.
    @Test(arguments: 0...12) func aKilledRunGoesOnExactly(moment: Int) throws {
        let whole = try CountingRun(), killed = try CountingRun()
        var reference = try whole.trainer(), events = 0, snapshot: CountingRun?
        _ = try reference.run()
        var first = try killed.trainer()
        _ = try first.run(report: { _ in
            if events == moment { snapshot = try CountingRun(copying: killed.folder) }
            events += 1
        })
        let left = try #require(snapshot)
        try Data("{\"step\":".utf8).append(to: left.folder.metrics)
        let draft = left.folder.checkpoints.appending(path: ".00000099.writing")
        try FileManager.default.createDirectory(at: draft, withIntermediateDirectories: true)
        var second = try left.trainer()
        #expect(try second.run() == .finished)
        #expect(try left.curve() == whole.curve())
        #expect(second.state.parameters.mapValues(\.scalars) == reference.state.parameters.mapValues(\.scalars))
        #expect(second.state.average.mapValues(\.scalars) == reference.state.average.mapValues(\.scalars))
        #expect(!FileManager.default.fileExists(atPath: draft.path))
    }

    @Test(arguments: [0, 1, 5, 7, 23]) func aStoppedRunGoesOnExactly(batch: Int) throws {
        let whole = try CountingRun(), run = try CountingRun()
        var reference = try whole.trainer(), first = try run.trainer(), asked = 0
        _ = try reference.run()
        let ending = try first.run(isStopped: {
            asked += 1
            return asked > batch
        })
        #expect(ending == .stopped)
        #expect(run.folder.steps.last == batch / 2)
        let last = first.state.progress.step
        #expect(throws: TrainingError.busy(path: run.folder.url.path)) { try run.trainer() }
        _ = consume first
        var second = try run.trainer()
        #expect(second.state.progress.step == last)
        _ = try second.run()
        #expect(try run.curve() == whole.curve())
    }

    /// Whether all gradients are there when a step is taken, or each parameter moves as soon as its own is.
    @Test(arguments: Objective.Precision.allCases, [true, false])
    func parametersMayMoveInTheBackwardPass(precision: Objective.Precision, remembers: Bool) throws {
        let runs = try [true, false].map { movesInBackward in
            let run = try CountingRun()
            var options = CountingRun.options(steps: 8)
            (options.accumulation, options.clip, options.movesInBackward) = (1, nil, movesInBackward)
            var objective = Objective(CountingRun.settings, precision: precision)
            objective.remembers = remembers
            let start = try objective.fresh(seed: 1)
            var trainer = try Trainer(objective, start, run.data, AdamW(decay: 0.01), options, in: run.folder)
            #expect(try trainer.run() == .finished)
            return (state: trainer.state, losses: try run.curve().map(\.loss), norms: try run.curve().map(\.norm))
        }
        let (moved, whole) = (runs[0], runs[1])
        #expect(moved.losses == whole.losses && Set(moved.losses).count == 8)
        for (one, other) in zip(moved.norms, whole.norms) { #expect(abs(one - other) < 1e-5 * other) }
        #expect(moved.state.parameters.mapValues(\.scalars) == whole.state.parameters.mapValues(\.scalars))
        #expect(moved.state.average.mapValues(\.scalars) == whole.state.average.mapValues(\.scalars))
        #expect(moved.state.optimizer.memory.mapValues(\.scalars) == whole.state.optimizer.memory.mapValues(\.scalars))
        #expect(moved.state.optimizer.steps == 8)
    }

    @Test(arguments: [(2, nil), (1, 1)] as [(Int, Float?)])
    func whatMovesInTheBackwardPassIsNotAddedUpNorCut(accumulation: Int, clip: Float?) throws {
        let run = try CountingRun(), told = "accumulation 1 and no clip beside it, for never are all gradients there"
        let error = #expect(throws: TrainingError.self) {
            try run.trainer {
                ($0.accumulation, $0.clip, $0.movesInBackward) = (accumulation, clip, true)
            }
        }
        #expect(error?.description.contains(told) ?? false)
    }

    @Test func theLatestAndTheBestAreKept() throws {
        let run = try CountingRun()
        var trainer = try run.trainer(steps: 40) { $0.keep = 2 }
        _ = try trainer.run()
        let best = try #require(trainer.state.progress.bestStep)
        #expect(run.folder.steps.count <= 3 && run.folder.steps.contains(40) && run.folder.steps.contains(best))
    }

    @Test func aRunThatGetsNoBetterEnds() throws {
        let run = try CountingRun()
        var trainer = try run.trainer(steps: 100) {
            $0.schedule = Schedule(.constant, peak: 0, steps: 100)
            ($0.patience, $0.averaging) = (3, nil)
        }
        #expect(try trainer.run() == .early(best: 4))
        #expect(trainer.state.progress.step == 16)
    }

    @Test func aRunThatLeadsNowhereEnds() throws {
        let run = try CountingRun()
        var trainer = try run.trainer(steps: 200) {
            $0.schedule = Schedule(.constant, peak: 3, steps: 200)
            $0.clip = nil
        }
        let error = #expect(throws: TrainingError.self) { try trainer.run() }
        #expect("\(try #require(error))".contains("lower the learning rate"))
    }

    /// A disk that fills up ends the run and says what is left; with room again, it goes on exactly.
    @Test func aFullDiskLeavesTheLastCheckpoint() throws {
        let whole = try CountingRun(), run = try CountingRun()
        var reference = try whole.trainer()
        _ = try reference.run()
        let error = #expect(throws: TrainingError.self) {
            var trainer = try run.trainer()
            trainer.furnish = { folder in
                if folder.lastPathComponent.contains("06") { throw CocoaError(.fileWriteOutOfSpace) }
            }
            return try trainer.run()
        }
        let message = "\(try #require(error))"
        #expect(message.contains("the checkpoint of step 4 is whole: make room, then resume"), "\(message)")
        #expect(run.folder.steps == [3, 4])
        var second = try run.trainer()
        _ = try second.run()
        #expect(try run.curve() == whole.curve())
    }

    @Test func dataThatCannotBeReadEndsTheRunAsWhatItIs() throws {
        let run = try CountingRun(Counting(broken: 9))
        var trainer = try run.trainer()
        #expect(throws: CocoaError.self) { try trainer.run() }
        #expect(run.folder.steps == [3, 4])
    }

    @Test(arguments: [
        ("training.json", "training.json is not what a run wrote"), ("model.safetensors", "safetensors"),
    ])
    func aDamagedCheckpointIsRefused(file: String, problem: String) throws {
        let run = try CountingRun()
        var trainer = try run.trainer()
        _ = try trainer.run()
        _ = consume trainer
        try Data("{}".utf8).write(to: run.folder.checkpoint(12).appending(path: file))
        let error = #expect(throws: (any Error).self) { try run.trainer() }
        #expect("\(try #require(error))".contains(problem))
    }

    @Test func aCheckpointOfAnotherRunIsRefused() throws {
        let run = try CountingRun()
        var trainer = try run.trainer()
        _ = try trainer.run()
        _ = consume trainer
        let error = #expect(throws: TrainingError.self) { try run.trainer { $0.accumulation = 3 } }
        #expect("\(try #require(error))".contains("other data, another network or other options"))
        #expect(throws: Never.self) { try run.trainer { $0.keep = 3 } }
    }
}

extension Data {
    func append(to url: URL) throws {
        let handle = try FileHandle(forWritingTo: url)
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: self)
    }
}
