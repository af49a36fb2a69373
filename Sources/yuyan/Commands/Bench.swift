import ArgumentParser
import Checkpoints
import Foundation
import Inference
import Models
import Tensors

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure tokens per second.",
        discussion: """
            Each figure is the median of the repetitions, beside its share of what this
            machine allows: of the bandwidth it reads memory with (generation) or of its
            integer products (prompts, and many sequences at once), both measured on the
            spot. Lists are written with commas. Leave the machine alone while it runs.
            """
    )

    @Argument(help: "A name of the store, a file or a folder.")
    var model: String

    @Option(help: ArgumentHelp("Tokens of the prompt.", valueName: "n,…"))
    var prompt = Counts([512])

    @Option(help: ArgumentHelp("Tokens to generate.", valueName: "n"))
    var generate = 128

    @Option(help: ArgumentHelp("Tokens there are already when generation begins.", valueName: "n,…"))
    var depth = Counts([0])

    @Option(help: ArgumentHelp("Sequences at once, in the generation test.", valueName: "n,…"))
    var batch = Counts([1])

    @Flag(help: "Prompts of 512 and 4096, generation from 0 and from 4096 on, and of 4, 8, 16, 32 at once.")
    var full = false

    @Option(name: .customLong("repeat"), help: ArgumentHelp("Repetitions.", valueName: "n"))
    var repetitions = 5

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup(title: "Machine")
    var machine: ModelOptions

    func validate() throws {
        guard machine.draftModel == nil else {
            throw ValidationError("bench measures one model: leave --draft-model out")
        }
        let lists = [("--prompt", prompt, 1), ("--depth", depth, 0), ("--batch", batch, 1)]
        for (name, counts, least) in lists where counts.values.contains(where: { $0 < least }) {
            throw ValidationError("\(name) must be at least \(least)")
        }
        for (name, count) in [("--generate", generate), ("--repeat", repetitions)] where count < 1 {
            throw ValidationError("\(name) must be at least 1")
        }
    }

    func run() async throws { try await endingWhenInterrupted { try measure() } }

    private func measure() throws {
        let stored = try ModelOptions.locate(model)
        var machine = try machine.machine()
        machine.draftModel = nil
        let started = ContinuousClock.now
        let served = try machine.open(stored)
        let loading = ContinuousClock.now - started
        let works = try works(context: served.contextLength)
        let bandwidth = measuredBandwidth(), arithmetic = measuredArithmetic()
        let cache = served.model.cacheShape.kept(as: machine.cacheType)
        let samples = works.map { SpeedMeter(served.model, cache, $0).speeds(repetitions) }
        let report = SpeedReport(
            model: stored,
            cache: cache,
            limits: try SpeedLimits(stored, cache, [bandwidth, measuredBandwidth()], arithmetic),
            loadMilliseconds: loading.milliseconds,
            works: works,
            samples: samples
        )
        Terminal.write(json ? try encoded(report) : Figures.table(report.rows) + "\n")
    }

    private func works(context: Int) throws -> [Work] {
        let wanted = full ? Work.everything(generate) : listed
        let fitting = wanted.filter { $0.depth + $0.tokens <= context }
        guard full || fitting.count == wanted.count else {
            let longest = wanted.map { $0.depth + $0.tokens }.max() ?? 0
            throw BadInput("\(longest) tokens do not fit the context of \(context)")
        }
        return fitting
    }

    private var listed: [Work] {
        prompt.values.map { Work(.prompt, $0) }
            + depth.values.flatMap { depth in
                batch.values.map { Work(.generation, generate, depth: depth, batch: $0) }
            }
    }
}

/// Numbers with commas between them.
struct Counts: ExpressibleByArgument {
    let values: [Int]

    init(_ values: [Int]) { self.values = values }

    init?(argument: String) {
        let values = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard !values.contains(nil) else { return nil }
        self.values = values.compactMap(\.self)
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }
}
