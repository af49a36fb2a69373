import Bundles
import Dispatch
import Foundation
import Synchronization
import Tensors
import Text
import Training

/// Shows a run: a bar that redraws itself on a terminal, plain lines or JSON elsewhere.
final class RunMonitor: @unchecked Sendable {
    private let name: String, json: Bool
    private var steps = 0, first = 0, parameters = 0
    private var began = ContinuousClock.now, told = ContinuousClock.now - .seconds(60)
    private var rows = 0, operations = 0.0, smoothed: Double?
    private lazy var peak = measuredFloatArithmetic()

    init(_ name: String, json: Bool) { (self.name, self.json) = (name, json) }

    /// Of the thread that trains.
    func begin(_ run: PreparedRun) {
        (steps, first, parameters) = (run.steps, run.step, run.parameterCount)
        operations = run.operationsPerToken
        began = .now
        guard !json else { return }
        let count = Figures.count(parameters)
        Terminal.complain(
            "\(name): \(count) parameters, \(steps) steps\(first > 0 ? ", going on after step \(first)" : "")"
        )
        if let problem = run.bundle.ggufProblem { Terminal.complain("note: \(problem)") }
    }

    /// - Throws: `CancellationError` where somebody wants to stop before there is anything to keep.
    func tell(_ event: TrainingJob.Event, _ stop: StopFlag) throws {
        switch event {
        case .tokenizer, .reading:
            if stop.isSet { throw CancellationError() }
            prepare(event)
        case .training(.step(let record)): step(record)
        case .training(.keeping(let step)): if json { line(["event": "checkpoint", "step": "\(step)"]) }
        case .training(.resumed): break
        case .sample(let sample):
            if json { return line(["event": "sample", "step": "\(sample.step)", "text": sample.prompt + sample.text]) }
            clear()
            Terminal.complain("  \(sample.prompt)|\(sample.text.replacing("\n", with: "⏎"))")
        }
    }

    func end(_ ending: TrainingEnding, _ run: PreparedRun) {
        clear()
        guard !json else { return line(["event": "end", "ending": "\(ending)", "model": run.result.path]) }
        switch ending {
        case .stopped: Terminal.complain("stopped; the same command goes on where it was")
        case .early(let best): Terminal.complain("ended early: step \(best) was the best")
        case .finished: break
        }
        guard ending != .stopped else { return }
        Terminal.write("the model is in \(run.result.path)\n  yuyan run \(name) \"…\"\n")
    }

    private func prepare(_ event: TrainingJob.Event) {
        guard Terminal.errorIsTerminal, !json, ContinuousClock.now - told > .milliseconds(100) else { return }
        told = .now
        let text =
            switch event {
            case .tokenizer(.reading(bytes: let bytes)): "learning a tokenizer: read \(Figures.bytes(bytes))"
            case .tokenizer(.merging(tokens: let tokens, of: let all)):
                "learning a tokenizer: \(tokens) of \(all) tokens"
            case .tokenizer(.pruning(pieces: let pieces, to: let all)):
                "learning a tokenizer: \(pieces) pieces, \(all) wanted"
            case .reading(let progress):
                "reading \(progress.source.lastPathComponent): \(Figures.bytes(progress.bytes)) of "
                    + "\(Figures.bytes(progress.totalBytes)), \(progress.statistics.tokens) tokens"
            default: ""
            }
        Terminal.draw("\r\(text)\u{1B}[K")
    }

    private func step(_ record: StepRecord) {
        if json { return Terminal.write((try? encodedLine(record)) ?? "") }
        rows += record.rows ?? 0
        smoothed = smoothed.map { 0.95 * $0 + 0.05 * record.loss } ?? record.loss
        let isNews = record.validation != nil || record.skipped == true || record.step == steps
        let pause = Terminal.errorIsTerminal ? 0.1 : 30
        guard isNews || (ContinuousClock.now - told) / .seconds(1) > pause else { return }
        told = .now
        let text = summary(record)
        if Terminal.errorIsTerminal, !isNews { return Terminal.draw("\r\(text.prefix(Terminal.columns - 1))\u{1B}[K") }
        clear()
        Terminal.complain(text)
    }

    /// `step 120 of 900  loss 3.214  validation 3.4  2,140 tokens/s  61 % of the peak  6 min left`.
    private func summary(_ record: StepRecord) -> String {
        let seconds = max((ContinuousClock.now - began) / .seconds(1), 1e-9)
        let done = record.step - first, rate = Double(rows) / seconds
        var parts = ["step \(record.step) of \(steps)", "loss \(Figures.decimal(smoothed ?? record.loss, 3))"]
        if let validation = record.validation { parts.append("validation \(Figures.decimal(validation, 3))") }
        if record.skipped == true { parts.append("left out: the gradient is not a number") }
        if rate > 0 {
            parts.append("\(Int(rate)) tokens/s")
            parts.append("\(Int(100 * rate * operations / peak)) % of the peak")
        }
        parts.append("\(Figures.duration(seconds / Double(max(1, done)) * Double(steps - record.step))) left")
        return parts.joined(separator: "  ")
    }

    private func clear() { if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") } }

    private func line(_ fields: [String: String]) { Terminal.write((try? encodedLine(fields)) ?? "") }
}

/// Whether somebody wants to stop.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

/// Runs work that blocks on a thread of its own, with a stack for deep tapes.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result { try work() }) }
        thread.stackSize = 64 << 20
        thread.start()
    }
}

/// JSON in one line, with sorted keys.
func encodedLine(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf",
        negativeInfinity: "-inf",
        nan: "nan"
    )
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}
