import Foundation
import TestSupport
import Testing
import Training

/// What a run's folder tells of it.
@Suite struct RunNoteTests {
    @Test func aRunIsListedWithWhatItReached() throws {
        let run = try CountingRun(), created = Date(timeIntervalSince1970: 1_700_000_000)
        var trainer = try run.trainer(steps: 12)
        var refusals = 0
        let closed = filesClosedForOthers { for _ in 0..<20_000 { refusals += run.folder.isBusy ? 1 : 0 } }
        #expect(closed == 0 && refusals == 20_000)
        _ = try trainer.run()
        _ = consume trainer
        #expect(!run.folder.isBusy)
        let line = ConfigurationLine(key: "seed", value: "1", isDefault: true)
        try run.folder.write(RunNote(name: "counting", created: created, steps: 12, [line]))
        #expect(try RunSummary(run.folder).status == .interrupted)
        var note = try #require(run.folder.note)
        #expect(note.lines == [line])
        note.ending = .finished
        try run.folder.write(note)
        let summary = try RunSummary(run.folder)
        #expect(summary.status == .finished && summary.step == 12 && summary.steps == 12)
        #expect(summary.tokens == 12 * 2 * 29 && summary.validation != nil && summary.created == created)
    }

    @Test func whatIsNoRunIsNotListed() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "yuyan-runs-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "empty"), withIntermediateDirectories: true)
        #expect(RunSummary.all(in: folder).isEmpty)
        #expect(RunSummary.all(in: folder.appending(path: "absent")).isEmpty)
    }
}
