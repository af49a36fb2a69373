import Inference

/// The engines' statistics under Prometheus' names, one sample an engine: an adapter is counted with its model.
struct EngineFigures {
    private let name: String, kind: String, help: String, value: @Sendable (EngineStatistics) -> Double

    private init(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ value: @escaping @Sendable (EngineStatistics) -> Int
    ) {
        (self.name, self.kind, self.help) = (name, kind, help)
        self.value = { Double(value($0)) }
    }

    /// A counter of seconds.
    private init(seconds name: String, _ help: String, _ value: @escaping @Sendable (EngineStatistics) -> Double) {
        (self.name, self.kind, self.help, self.value) = (name, "counter", help, value)
    }

    static func write(_ models: [any GenerativeModel], to text: inout Exposition) {
        let engines = models.filter { $0.card.parent == nil }.map { ([("model", $0.card.name)], $0.statistics) }
        for figure in figures {
            text.family("yuyan_" + figure.name, figure.kind, figure.help)
            for (labels, statistics) in engines {
                text.sample("yuyan_" + figure.name, labels, figure.value(statistics))
            }
        }
        for (name, help, histogram) in histograms {
            text.family("yuyan_" + name, "histogram", help)
            for (labels, statistics) in engines { text.histogram("yuyan_" + name, labels, histogram(statistics)) }
        }
    }

    private static let figures: [EngineFigures] = [
        .init("requests_running", "gauge", "Requests being computed.") { $0.running },
        .init("requests_waiting", "gauge", "Requests in the queue.") { $0.waiting },
        .init("blocks_total", "gauge", "Blocks of the key-value cache.") { $0.blocksTotal },
        .init("blocks_used", "gauge", "Blocks held by requests.") { $0.blocksUsed },
        .init("blocks_cached", "gauge", "Free blocks whose contents can be found again.") { $0.blocksCached },
        .init("blocks_free", "gauge", "Blocks held by no request.") { $0.blocksFree },
        .init("prompt_tokens_total", "counter", "Prompt tokens of the requests that were begun.") { $0.promptTokens },
        .init("prompt_tokens_cached_total", "counter", "Prompt tokens found in the cache.") { $0.cachedTokens },
        .init("generated_tokens_total", "counter", "Tokens generated.") { $0.generatedTokens },
        .init("drafted_tokens_total", "counter", "Tokens guessed ahead.") { $0.draftedTokens },
        .init("drafted_tokens_accepted_total", "counter", "Tokens guessed right.") { $0.acceptedTokens },
        .init("steps_total", "counter", "Steps of the engine.") { $0.steps },
        .init(seconds: "sampling_seconds_total", "Time of the steps that went into choosing tokens.") {
            $0.samplingSeconds
        },
        .init("preemptions_total", "counter", "Requests that had to give up their blocks for a while.") {
            $0.preemptions
        },
        .init("requests_accepted_total", "counter", "Requests let in.") { $0.accepted },
        .init("requests_finished_total", "counter", "Requests that came to their end.") { $0.finished },
        .init("requests_cancelled_total", "counter", "Requests given up by their client.") { $0.cancelled },
        .init("requests_failed_total", "counter", "Requests that failed.") { $0.failed },
        .init("requests_rejected_full_total", "counter", "Requests refused since the queue was full.") {
            $0.rejectedFull
        },
        .init("requests_rejected_invalid_total", "counter", "Requests refused by the engine as wrong.") {
            $0.rejectedInvalid
        },
    ]

    private static let histograms: [(String, String, @Sendable (EngineStatistics) -> Histogram)] = [
        ("step_seconds", "Duration of a step.", { $0.stepTime }),
        ("first_token_seconds", "From a request's arrival to its first token.", { $0.firstTokenLatency }),
        ("inter_token_seconds", "Between two tokens of a request.", { $0.interTokenLatency }),
        ("queue_seconds", "From a request's arrival to its first step.", { $0.queueTime }),
    ]
}
