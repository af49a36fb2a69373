import ArgumentParser
import Checkpoints
import Foundation
import Inference
import Models
import Tensors

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure tokens per second, first tokens, memory and idleness.",
        discussion: """
            Each figure is the median of the repetitions, beside its share of what this
            machine allows: of the bandwidth it reads memory with (generation) or of its
            products of the weights' kind (prompts, and many sequences at once), both
            measured on the spot. Lists are written with commas. Leave the machine alone
            while it runs.

            These figures are the network's alone. With --full the engine is measured too,
            with everything but HTTP: 16 clients that stream 64 answers, a prompt that 32
            requests share, the time from opening the model to its first token, memory,
            idleness, and one sequence beside the network's own speed. Prompts are made
            up, answers greedy, and nothing is guessed ahead.
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

    @Option(help: ArgumentHelp("Clients of the engine that ask at once, four times each.", valueName: "n,…"))
    var clients: Counts?

    @Flag(
        help: """
            Prompts of 512 and 4096, generation from 0 and from 4096 on, and of 4, 8, 16, 32 at once; then the engine.
            """
    )
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
        let tokens = 1...1 << 24, many = 1...1024
        try require("--prompt", prompt.values, in: tokens)
        try require("--depth", depth.values, in: 0...tokens.upperBound)
        try require("--batch", batch.values, in: many)
        try require("--clients", clients?.values ?? [], in: many)
        try require("--generate", [generate], in: tokens)
        try require("--repeat", [repetitions], in: 1...1_000_000)
    }

    private func require(_ name: String, _ counts: [Int], in range: ClosedRange<Int>) throws {
        guard let wrong = counts.first(where: { !range.contains($0) }) else { return }
        throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(wrong)")
    }

    func run() async throws { try await endingWhenInterrupted { try await measure() } }

    private func measure() async throws {
        let stored = try ModelOptions.locate(model)
        var machine = try machine.machine()
        machine.draftModel = nil
        let opening = try Opening(of: stored, isWarm: full) { try machine.open(stored) }, served = opening.model
        let (works, leftOut) = try works(context: served.contextLength)
        var reasons = leftOut
        let engine = try await engineFigures(opening, machine, fileBytes: stored.bytes, leftOut: &reasons)
        let cache = served.model.cacheShape.kept(as: machine.cacheType)
        let (measurements, limits) = try await onThread { [repetitions] in
            let bandwidth = measuredBandwidth(), products = ProductRates.measured()
            let samples = works.map { SpeedMeter(served.model, cache, $0).speeds(repetitions) }
            let limits = try SpeedLimits(stored, cache, [bandwidth, measuredBandwidth()], products)
            return (zip(works, samples).map { Measurement($0, $1, limits) }, limits)
        }
        let report = SpeedReport(
            model: stored,
            cache: cache,
            limits: limits,
            loadMilliseconds: (opening.ended - opening.began).milliseconds,
            measurements: measurements,
            engine: engine,
            leftOut: reasons
        )
        Terminal.write(json ? try encoded(report) : Figures.table(report.rows) + "\n")
    }

    private func engineFigures(
        _ opening: Opening,
        _ machine: Machine,
        fileBytes: Int,
        leftOut: inout [String]
    ) async throws -> EngineFigures? {
        let crowds = clients?.values ?? (full ? [16] : [])
        let work = EngineWork(clients: crowds, isFull: full, generate: generate, repetitions: repetitions)
        guard !work.isNothing else { return nil }
        let meter = EngineMeter(opening.model, machine.cacheType, work)
        let figures = try await meter.figures(work, opening, fileBytes: fileBytes, leftOut: &leftOut)
        await meter.close()
        return figures
    }

    /// What is measured of the network, and what does not fit.
    private func works(context: Int) throws -> (fitting: [Work], leftOut: [String]) {
        let wanted = full ? Work.everything(generate) : listed
        let fits = { (work: Work) in work.depth + work.tokens <= context }
        let excess = wanted.filter { !fits($0) }
        guard full || excess.isEmpty else {
            let longest = wanted.map { $0.depth + $0.tokens }.max() ?? 0
            throw BadInput("\(longest) tokens do not fit the context of \(context)")
        }
        return (wanted.filter(fits), excess.map { "\($0.label): the context holds \(context)" })
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
