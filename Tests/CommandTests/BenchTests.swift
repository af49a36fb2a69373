import Foundation
import Testing
import yuyan

/// `yuyan bench`: what it prints holds together. Nothing here judges how fast anything was.
@Suite struct BenchTests {
    private struct Report: Decodable {
        let bandwidthProbe: [Double], arithmeticProbe, floatArithmeticProbe, loadMilliseconds: Double
        let bytes, threads: Int, promptTokens, generatedTokens, batch: Int?
        let promptTokensPerSecond, generationTokensPerSecond: Double?
        let measurements: [Measurement], engine: Engine?, leftOut: [String]
    }

    private struct Measurement: Decodable {
        let kind: String, tokens, depth, batch: Int, tokensPerSecond: Double, samples: [Double]
        let limitShare: Double?, limit: String?
    }

    private struct Engine: Decodable {
        let loadToFirstTokenMilliseconds, idleProcessorPercent: Double?
        let memory: Memory?, generation: Generation?, clients: [Clients], sharedPrompt: SharedPrompt?

        struct Memory: Decodable {
            let loadedBytes, afterRunBytes, cacheTokens: Int, loadedTimesFile, afterRunTimesFile: Double
        }
        struct Generation: Decodable {
            let tokens: Int, tokensPerSecond, networkTokensPerSecond, networkShare: Double
            let samples, networkSamples: [Double]
        }
        struct Clients: Decodable {
            let clients, requests, promptTokens, answerTokens: Int, outputTokensPerSecond: Double
            let firstTokenMilliseconds, betweenTokensMilliseconds: Spread
        }
        struct Spread: Decodable {
            let p50, p95, p99: Double

            var ascends: Bool { 0 < p50 && p50 <= p95 && p95 <= p99 }
        }
        struct SharedPrompt: Decodable {
            let sharedTokens, requests: Int, firstMilliseconds, laterMilliseconds, timesSooner: Double
        }
    }

    private static let configuration = """
        model:
          new: {model_type: llama, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2}
          tokenizer: {type: bpe, size: 300}
        data: {train: lines.jsonl, validation_share: 0}
        batch: {tokens: 320, context: 320, precision: float32}
        steps: 1
        """

    private static func trained() throws -> Executable {
        let place = try Executable()
        try place.write(configuration, to: "tiny.yaml")
        let lines = (0..<40).map { #"{"text": "line \#($0 * $0) of a text"}"# }
        try place.write(lines.joined(separator: "\n"), to: "lines.jsonl")
        let training = try place.run(["train", "tiny.yaml"])
        try #require(training.status == 0, "\(training.complaints)")
        try #require(try place.run(["convert", "tiny", "tiny.gguf"]).status == 0)
        return place
    }

    private static func report(_ place: Executable, _ flags: String...) throws -> Report {
        let outcome = try place.run(["bench", "tiny.gguf", "--json", "--repeat", "2", "--generate", "8"] + flags)
        try #require(outcome.status == 0, "\(outcome.complaints)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    @Test func theNetworkAloneIsMeasuredUnlessMoreIsAsked() throws {
        let report = try Self.report(Self.trained(), "--prompt", "16,32", "--batch", "1,2")
        #expect(report.measurements.map(\.kind) == ["prompt", "prompt", "generation", "generation"])
        #expect(report.measurements.map(\.tokens) == [16, 32, 8, 8])
        #expect(report.measurements.map(\.batch) == [1, 1, 1, 2])
        for each in report.measurements {
            let share = try #require(each.limitShare), limit = try #require(each.limit)
            #expect(each.samples.count == 2 && each.samples.min()! <= each.tokensPerSecond)
            #expect(share > 0 && ["bandwidth", "float32"].contains(limit), "\(each)")
        }
        #expect(report.measurements.first?.limit == "float32", "prompts of float weights have a limit of their own")
        #expect(report.bandwidthProbe.count == 2 && report.arithmeticProbe > 0 && report.floatArithmeticProbe > 0)
        #expect(report.promptTokens == 16 && report.generatedTokens == 8 && report.batch == 1)
        #expect(report.promptTokensPerSecond == report.measurements.first?.tokensPerSecond)
        #expect(report.engine == nil && report.leftOut.isEmpty)
    }

    @Test func allOfTheEngineIsMeasuredInFull() throws {
        let report = try Self.report(Self.trained(), "--full", "--threads", "2"), engine = try #require(report.engine)
        #expect(report.threads == 2)
        #expect(report.measurements.map(\.batch) == [1, 4, 8, 16, 32], "what the context holds")
        for label in ["prompt of 512", "prompt of 4096", "generation of 1 x 8 after 4096"] {
            #expect(report.leftOut.contains("\(label): the context holds 320"))
        }
        let clients = try #require(engine.clients.first)
        #expect(clients.clients == 16 && clients.requests == 64)
        #expect(clients.promptTokens == 100 && clients.answerTokens == 128)
        #expect(clients.outputTokensPerSecond > 0 && clients.firstTokenMilliseconds.ascends)
        let shared = try #require(engine.sharedPrompt)
        #expect(shared.requests == 32 && shared.sharedTokens == 295 && shared.laterMilliseconds > 0)
        #expect(
            abs(shared.timesSooner - shared.firstMilliseconds / shared.laterMilliseconds) < 1e-6 * shared.timesSooner
        )
        let generation = try #require(engine.generation)
        #expect(generation.tokens == 8 && generation.samples.count == 2 && generation.networkSamples.count == 2)
        let share = generation.tokensPerSecond / generation.networkTokensPerSecond
        #expect(abs(generation.networkShare - share) < 1e-9 * share)
        #expect(try #require(engine.loadToFirstTokenMilliseconds) > report.loadMilliseconds)
        #expect(try #require(engine.idleProcessorPercent) >= 0)
        #if os(Linux)
        let memory = try #require(engine.memory)
        #expect(
            memory.loadedBytes > report.bytes && memory.afterRunBytes > report.bytes && memory.cacheTokens >= 16 * 228
        )
        #expect(abs(memory.loadedTimesFile * Double(report.bytes) - Double(memory.loadedBytes)) < 1)
        #expect(abs(memory.afterRunTimesFile * Double(report.bytes) - Double(memory.afterRunBytes)) < 1)
        #endif
    }

    @Test func aSmallContextHasSmallerRequestsOrNone() throws {
        let flags = ["--full", "--repeat", "1", "--generate", "4", "--context", "40", "--clients", "1,3"]
        let outcome = try Self.trained().run(["bench", "tiny.gguf"] + flags)
        try #require(outcome.status == 0, "\(outcome.complaints)")
        for row in [
            "1 client ", "1 client, first token ", "3 clients ", "3 clients, between tokens ",
            "engine, generation of 1 x 4 ", "load to first token ", "idle ", "left out ",
        ] {
            #expect(outcome.output.contains("\n" + row), "\(row)\n\(outcome.output)")
        }
        for cell in [
            "4 requests of 17 + 22 tokens", "12 requests of 17 + 22 tokens", "a shared prompt: a context of 40",
        ] {
            #expect(outcome.output.contains(cell), "\(cell)\n\(outcome.output)")
        }
    }

    static let impossible: [(flag: String, value: String)] = [
        ("--clients", "0"), ("--clients", "16,,2"), ("--clients", "a"), ("--clients", "100000000000"),
        ("--batch", "0"), ("--batch", "4,4611686018427387904"), ("--prompt", "99999999999999999999"), ("--prompt", "0"),
        ("--depth", "1,-1"), ("--generate", "0"), ("--repeat", "0"),
    ]

    @Test(arguments: impossible) func whatCannotBeIsRefusedByName(flag: String, value: String) throws {
        let outcome = try Executable().run(["bench", "nothing", flag, value])
        #expect(outcome.status == 64 && outcome.complaints.contains(flag), "\(outcome.complaints)")
    }

    @Test(arguments: [(228, 100, 128), (4096, 100, 128), (114, 50, 64), (16, 7, 8)])
    func requestsShrinkWithTheContext(context: Int, prompt: Int, answer: Int) throws {
        let size = try #require(RequestSize(prompt: 100, answer: 128, context: context))
        #expect(size.prompt == prompt && size.answer == answer && size.tokens <= context)
    }

    @Test(arguments: [(4096, 1000), (1025, 1000), (1024, 999), (89, 64)])
    func sharedBeginningsShrinkWithTheContext(context: Int, shared: Int) throws {
        let size = try #require(RequestSize(beginning: 1000, context: context))
        #expect(size.prompt == shared && size.tokens <= context)
    }

    @Test func whereThereIsNoRoomNothingIsAsked() {
        #expect(RequestSize(prompt: 100, answer: 128, context: 15) == nil)
        #expect(RequestSize(beginning: 1000, context: 88) == nil)
    }

    @Test(arguments: [(0.5, 3.0), (0.95, 5), (0.99, 5), (0.2, 1), (0.21, 2), (0, 1), (1, 5)])
    func quantilesAreByNearestRank(share: Double, expected: Double) {
        #expect([5.0, 1, 4, 2, 3].quantile(share) == expected)
        #expect([Double]().quantile(share) == 0)
    }
}
