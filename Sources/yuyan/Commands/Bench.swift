import ArgumentParser
import Checkpoints
import Foundation
import Inference
import Tensors

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure tokens per second.",
        discussion: "Each figure is the median of the repetitions. Leave the machine alone while it runs."
    )

    @Argument(help: "A name of the store, or a file.")
    var model: String

    @Option(help: ArgumentHelp("Tokens of the prompt.", valueName: "n"))
    var prompt = 512

    @Option(help: ArgumentHelp("Tokens to generate.", valueName: "n"))
    var generate = 128

    @Option(help: ArgumentHelp("Sequences at once, in the generation test.", valueName: "n"))
    var batch = 1

    @Option(name: .customLong("repeat"), help: ArgumentHelp("Repetitions.", valueName: "n"))
    var repetitions = 5

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup(title: "Machine")
    var options: ModelOptions

    func validate() throws {
        let counts = [("--prompt", prompt), ("--generate", generate), ("--batch", batch), ("--repeat", repetitions)]
        for (name, count) in counts where count < 1 { throw ValidationError("\(name) must be at least 1") }
    }

    func run() async throws {
        let stored = try ModelOptions.locate(model)
        let started = ContinuousClock.now
        let served = try options.machine().open(stored)
        let loading = ContinuousClock.now - started
        guard prompt + generate <= served.contextLength else {
            throw BadInput("\(prompt) + \(generate) tokens do not fit the context of \(served.contextLength)")
        }
        let before = measuredBandwidth()
        let meter = SpeedMeter(served.model, batch: batch, positions: prompt + generate)
        var prompts: [Double] = [], generations: [Double] = []
        for _ in 0..<repetitions {
            prompts.append(meter.promptSpeed(tokens: prompt))
            generations.append(meter.generationSpeed(tokens: generate))
        }
        let report = SpeedReport(
            model: stored.name,
            bytes: stored.bytes,
            prompt: prompt,
            generate: generate,
            batch: batch,
            promptSpeeds: prompts,
            generationSpeeds: generations,
            bandwidth: [before, measuredBandwidth()],
            loadMilliseconds: loading.milliseconds
        )
        Terminal.write(json ? try encoded(report) : Figures.table(report.rows) + "\n")
    }
}

/// What `bench` measured.
struct SpeedReport: Encodable {
    let model: String, bytes, promptTokens, generatedTokens, batch, threads: Int, instructionSet: String
    /// Medians, tokens a second; generation counts all sequences.
    let promptTokensPerSecond, generationTokensPerSecond: Double
    let promptSamples, generationSamples: [Double]
    /// Bytes a second that all threads read from memory, before and after.
    let bandwidthProbe: [Double]
    let loadMilliseconds: Double

    init(
        model: String,
        bytes: Int,
        prompt: Int,
        generate: Int,
        batch: Int,
        promptSpeeds: [Double],
        generationSpeeds: [Double],
        bandwidth: [Double],
        loadMilliseconds: Double
    ) {
        (self.model, self.bytes, self.batch, self.loadMilliseconds) = (model, bytes, batch, loadMilliseconds)
        (promptTokens, generatedTokens) = (prompt, generate)
        (threads, instructionSet) = (Threads.count, Tensors.instructionSet)
        (promptSamples, generationSamples, bandwidthProbe) = (promptSpeeds, generationSpeeds, bandwidth)
        (promptTokensPerSecond, generationTokensPerSecond) = (promptSpeeds.median, generationSpeeds.median)
    }

    var rows: [[String]] {
        [
            ["model", "\(model), \(Figures.bytes(bytes))"],
            ["machine", "\(threads) threads, \(instructionSet)"],
            ["bandwidth", bandwidthProbe.map { Figures.decimal($0 / 1e9, 1) }.joined(separator: " then ") + " GB/s"],
            ["load", Figures.decimal(loadMilliseconds, 0) + " ms"],
            ["prompt", "\(promptTokens) tokens: \(Figures.decimal(promptTokensPerSecond, 1)) tokens/s"],
            [
                "generation",
                "\(batch) x \(generatedTokens) tokens: \(Figures.decimal(generationTokensPerSecond, 1)) tokens/s",
            ],
        ]
    }
}

extension [Double] {
    fileprivate var median: Double {
        let sorted = sorted()
        return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
    }
}
