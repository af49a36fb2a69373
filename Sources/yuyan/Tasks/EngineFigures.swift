import Foundation

/// What only the engine shows: queue, scheduler, sampler and streams included, without HTTP. Times are milliseconds.
struct EngineFigures: Encodable {
    /// From opening the model, its file in the system's cache, to the first token of a short prompt.
    var loadToFirstTokenMilliseconds: Double?
    var memory: Memory?
    /// With the model open and nothing asked, of one processor.
    var idleProcessorPercent: Double?
    var generation: Generation?
    var clients: [Clients] = []
    var sharedPrompt: SharedPrompt?

    /// Bytes that the process holds, and how many times the file's that is; the cache has room for so many tokens.
    struct Memory: Encodable {
        let loadedBytes, afterRunBytes, cacheTokens: Int, loadedTimesFile, afterRunTimesFile: Double

        init(loaded: Int, afterRun: Int, cacheTokens: Int, file: Int) {
            (loadedBytes, afterRunBytes, self.cacheTokens) = (loaded, afterRun, cacheTokens)
            loadedTimesFile = Double(loaded) / Double(max(1, file))
            afterRunTimesFile = Double(afterRun) / Double(max(1, file))
        }
    }

    /// One sequence through the engine, and the network alone on the same tokens, taking turns: medians and samples.
    struct Generation: Encodable {
        let tokens: Int, tokensPerSecond, networkTokensPerSecond: Double
        let samples, networkSamples: [Double]
        /// The engine's speed over the network's.
        let networkShare: Double

        init(_ tokens: Int, _ samples: [Double], network: [Double]) {
            (self.tokens, self.samples, networkSamples) = (tokens, samples, network)
            (tokensPerSecond, networkTokensPerSecond) = (samples.median, network.median)
            networkShare = tokensPerSecond / networkTokensPerSecond
        }
    }

    /// Streams at once: each client asks again as soon as it has its answer.
    struct Clients: Encodable {
        let clients, requests, promptTokens, answerTokens: Int
        /// Of all answers together.
        let outputTokensPerSecond: Double
        let firstTokenMilliseconds, betweenTokensMilliseconds: Spread
    }

    /// Requests one after another whose prompts begin alike.
    struct SharedPrompt: Encodable {
        let sharedTokens, requests: Int
        /// Until the first token: of the first request, and the median of the others.
        let firstMilliseconds, laterMilliseconds, timesSooner: Double

        init(_ sharedTokens: Int, _ waits: [Double]) {
            (self.sharedTokens, requests) = (sharedTokens, waits.count)
            (firstMilliseconds, laterMilliseconds) = (waits[0], Array(waits.dropFirst()).median)
            timesSooner = firstMilliseconds / max(laterMilliseconds, 1e-6)
        }
    }

    struct Spread: Encodable {
        let p50, p95, p99: Double

        init(_ values: [Double]) {
            (p50, p95, p99) = (values.quantile(0.5), values.quantile(0.95), values.quantile(0.99))
        }
    }
}

extension EngineFigures {
    func rows(fileBytes: Int) -> [[String]] {
        let start = loadToFirstTokenMilliseconds.map {
            ["load to first token", Self.time($0), "the file being cached"]
        }
        let idle = idleProcessorPercent.map { ["idle", "\(Figures.decimal($0, 1)) % of a processor"] }
        return clients.flatMap(\.rows)
            + [sharedPrompt?.row, generation?.row, start, memory?.row(fileBytes), idle].compactMap(\.self)
    }

    fileprivate static func time(_ milliseconds: Double) -> String {
        "\(Figures.decimal(milliseconds, milliseconds < 100 ? 1 : 0)) ms"
    }
}

extension EngineFigures.Clients {
    fileprivate var rows: [[String]] {
        let name = "\(clients) client\(clients == 1 ? "" : "s")", first = firstTokenMilliseconds,
            between = betweenTokensMilliseconds
        let speed = "\(Figures.decimal(outputTokensPerSecond, 1)) tokens/s"
        let requests = "\(requests) requests of \(promptTokens) + \(answerTokens) tokens"
        func row(_ what: String, _ middle: Double, _ high: String) -> [String] {
            ["\(name), \(what)", "\(EngineFigures.time(middle)) (p50)", high]
        }
        return [
            [name, speed, requests],
            row("first token", first.p50, "\(EngineFigures.time(first.p95)) (p95)"),
            row("between tokens", between.p50, "\(EngineFigures.time(between.p99)) (p99)"),
        ]
    }
}

extension EngineFigures.SharedPrompt {
    fileprivate var row: [String] {
        let times = "\(Figures.decimal(timesSooner, 1)) times sooner than the first of \(requests)"
        return [
            "shared prompt of \(sharedTokens), first token", EngineFigures.time(laterMilliseconds),
            "\(times), \(EngineFigures.time(firstMilliseconds))",
        ]
    }
}

extension EngineFigures.Generation {
    fileprivate var row: [String] {
        let network = Figures.decimal(networkTokensPerSecond, 1)
        return [
            "engine, generation of 1 x \(tokens)", "\(Figures.decimal(tokensPerSecond, 1)) tokens/s",
            "\(Figures.decimal(networkShare * 100, 1)) % of the network alone, \(network)",
        ]
    }
}

extension EngineFigures.Memory {
    fileprivate func row(_ fileBytes: Int) -> [String] {
        let (loaded, after) = (Figures.bytes(loadedBytes), Figures.bytes(afterRunBytes))
        let times = [loadedTimesFile, afterRunTimesFile].map { Figures.decimal($0, 2) }.joined(separator: " and ")
        return [
            "memory", "\(loaded) loaded, \(after) after",
            "\(times) times the file's \(Figures.bytes(fileBytes)), a cache of \(cacheTokens) tokens",
        ]
    }
}

extension [Double] {
    var median: Double {
        let sorted = sorted()
        return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
    }

    /// The value that this share of them do not exceed, by nearest rank; 0 where there are none.
    package func quantile(_ share: Double) -> Double {
        isEmpty ? 0 : sorted()[Swift.max(0, Swift.min(count - 1, Int((share * Double(count)).rounded(.up)) - 1))]
    }
}
