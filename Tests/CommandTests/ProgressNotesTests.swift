import Checkpoints
import Testing
import yuyan

@Suite struct ProgressNotesTests {
    private func report(
        _ phase: PullProgress.Phase,
        _ completed: Int = 0,
        reason: String? = nil
    ) -> PullProgress {
        PullProgress(
            phase: phase,
            source: phase == .verifying ? "m.gguf" : "the hub",
            completed: completed,
            total: 1000,
            bytesPerSecond: 0,
            reason: reason
        )
    }

    @Test func aPullIsToldInLines() {
        var notes = ProgressNotes("m")
        let reports = [
            report(.waiting, reason: "another process is fetching it"), report(.fetching), report(.fetching, 50),
            report(.fetching, 310), report(.fetching, 399), report(.retrying, reason: "503"),
            report(.retrying, reason: "503"), report(.fetching, 310), report(.fetching, 1000), report(.verifying),
            report(.verifying, 1000),
        ]
        #expect(
            reports.compactMap { notes.line(for: $0) } == [
                "m: waiting: another process is fetching it", "m: fetching from the hub", "m: 30 % of 1 kB",
                "m: 503; trying again", "m: 503; trying again", "m: fetching from the hub", "m: 100 % of 1 kB",
                "m: verifying m.gguf",
            ]
        )
    }
}
