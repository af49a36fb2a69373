import Foundation
import Models
import Testing
import Training

/// The page that tells of a run, and the texts in it.
@Suite struct ReportTests {
    private func record(_ step: Int, loss: Double, validation: Double? = nil) -> StepRecord {
        StepRecord(
            step: step,
            loss: loss,
            norm: 1,
            rate: 1e-3,
            tokens: step * 100,
            seconds: 0.5,
            validation: validation
        )
    }

    @Test func thePageShowsCurvesAndCannotBeCommanded() throws {
        let records = (1...300).map { record($0, loss: 5 / Double($0) + 1, validation: $0 % 100 == 0 ? 1.5 : nil) }
        let sample = SampleRecord(step: 100, prompt: "<script>", text: "alert(1)&</script>")
        let line = ConfigurationLine(key: "name", value: "\"><img onerror=x>", isDefault: false)
        let page = RunReport(title: "poems", records, samples: [sample], [line]).html
        #expect(page.contains("300 steps, 30000 tokens in 150 s (200 tokens a second)"))
        #expect(page.contains("lowest validation loss 1.5000") && page.contains("&lt;script&gt;"))
        #expect(!page.contains("<script") && !page.contains("<img"))
        #expect(page.matches(of: /<polyline/).count == 5)
    }

    /// Of a conversation only the answers are learnt, but all of it is read.
    @Test func theSpeedIsThatOfReading() {
        var records = (1...4).map { record($0, loss: 1) }
        for index in records.indices { records[index].rows = 600 }
        let page = RunReport(title: "t", records).html
        #expect(page.contains("4 steps, 400 tokens in 2 s (1200 tokens a second)"))
    }

    @Test(arguments: [[], [StepRecordCase.notANumber], [.one]])
    func thePageStandsWithoutMuchToShow(cases: [StepRecordCase]) {
        let records = cases.enumerated().map { record($0 + 1, loss: $1 == .one ? 2 : .nan) }
        let page = RunReport(title: "t", records).html
        #expect(page.contains("</html>") && !page.contains("nan,") && !page.contains(",nan"))
    }

    enum StepRecordCase: Sendable { case notANumber, one }

    @Test func theSameNetworkWritesTheSameTextAgain() throws {
        let run = try CountingRun()
        var trainer = try run.trainer(steps: 60)
        _ = try trainer.run()
        let network = try trainer.objective.network(trainer.state.parameters)
        let greedy = TokenSampler(temperature: 0).tokens(after: [3, 4], most: 6, ends: [], network)
        #expect(greedy == [5, 6, 7, 8, 9, 10])
        #expect(TokenSampler(temperature: 0).tokens(after: [3, 4], most: 6, ends: [8], network) == [5, 6, 7])
        let first = TokenSampler(temperature: 2, seed: 5).tokens(after: [3], most: 20, ends: [], network)
        #expect(first == TokenSampler(temperature: 2, seed: 5).tokens(after: [3], most: 20, ends: [], network))
        #expect(first != TokenSampler(temperature: 2, seed: 6).tokens(after: [3], most: 20, ends: [], network))
    }
}
