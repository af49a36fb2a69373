import Foundation
import Tensors
import Testing
import Training

/// Every way to learn makes a run that goes on exactly.
@Suite struct WaysToLearnTests {
    @Test(arguments: Way.allCases, [0, 5, 9, 14]) func aKilledRunGoesOnExactly(way: Way, moment: Int) throws {
        let whole = try CountingRun(), killed = try CountingRun()
        var reference = try whole.trainer(way), events = 0, snapshot: CountingRun?
        #expect(try reference.run() == .finished)
        var first = try killed.trainer(way)
        _ = try first.run(report: { _ in
            if events == moment { snapshot = try CountingRun(copying: killed.folder) }
            events += 1
        })
        let left = try #require(snapshot)
        var second = try left.trainer(way)
        #expect(try second.run() == .finished)
        #expect(try left.curve() == whole.curve())
        #expect(second.state.parameters.mapValues(\.scalars) == reference.state.parameters.mapValues(\.scalars))
        let memories = [second, reference].map { $0.state.optimizer.memory.mapValues { $0.withBytes { Array($0) } } }
        #expect(memories[0] == memories[1])
        #expect(try whole.curve().allSatisfy { $0.loss.isFinite && $0.skipped == nil })
    }

    @Test(arguments: [Way.lion, .adafactor, .muon, .bytes, .dropout]) func itLearns(way: Way) throws {
        let run = try CountingRun(), objective = try way.objective()
        var options = CountingRun.options(steps: 80)
        options.schedule.peak = way == .adafactor ? 0.05 : way == .lion ? 3e-3 : 1e-2
        var trainer = try Trainer(objective, way.start(objective), run.data, way.optimizer, options, in: run.folder)
        _ = try trainer.run()
        let records = try run.folder.records()
        let first = try #require(records.first), last = try #require(records.last)
        let validation = try #require(last.validation)
        #expect(first.loss > 2.4 && validation < 1.2, "\(last)")
    }

    @Test func preferencesAreMeasuredAtEveryStep() throws {
        let run = try CountingRun()
        var trainer = try run.trainer(.preference)
        _ = try trainer.run()
        let records = try run.folder.records()
        #expect(records.allSatisfy { $0.metrics?["rewards.margin"] != nil })
        try #require(records.count == 12)
        #expect(abs(records[0].loss - 0.693147) < 1e-5 && records[0].metrics?["rewards.margin"] == 0)
        #expect(
            records[11].metrics?["rewards.accuracy"] == 1 && records[11].metrics?["validation.rewards.accuracy"] != nil
        )
        #expect(records[11].loss < 0.6)
    }

    /// Every batch of a step leaves out something else, and measuring leaves out nothing.
    @Test func whatIsDroppedDependsOnTheMoment() throws {
        let objective = try Way.dropout.objective(), parameters = try objective.fresh(seed: 1), data = Counting()
        let batch = data.validation[0]
        let moments = [nil, Moment(step: 0), Moment(step: 0, batch: 1), Moment(step: 1)]
        let losses = try moments.map { try objective(parameters, batch, at: $0).loss.scalars[0] }
        let again = try moments.map { try objective(parameters, batch, at: $0).loss.scalars[0] }
        #expect(losses == again && Set(losses).count == 4)
        #expect(try Double(losses[0]) == objective.evaluate(parameters, [batch]).loss)
    }

    @Test func aCheckpointOfAnotherOptimiserOrObjectiveIsRefused() throws {
        let run = try CountingRun()
        var trainer = try run.trainer(Way.muon)
        _ = try trainer.run()
        _ = consume trainer
        for way in [Way.lion, .dropout] { #expect(throws: TrainingError.self) { try run.trainer(way) } }
        #expect(throws: Never.self) { try run.trainer(Way.muon) }
    }
}
