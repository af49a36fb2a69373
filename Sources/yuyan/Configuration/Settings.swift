import Inference
import Logging
import Server
import Tensors

/// What can be set: the whole table.
package enum Settings {
    package static let all: [any AnySetting] = [
        Setting.model, Setting.name, Setting.host, Setting.port, Setting.apiKey, Setting.urgentKey,
        Setting.allowOrigin, Setting.maxRunning,
        Setting.maxQueued, Setting.cacheTokens, Setting.cacheType, Setting.speculation, Setting.draftModel,
        Setting.moreModels, Setting.pin, Setting.modelMemory, Setting.idle, Setting.embeddingModel,
        Setting.adapter, Setting.loadAdapters,
        Setting.context, Setting.threads, Setting.cpus, Setting.keepResponses, Setting.responseDays, Setting.grace,
        Setting.manageModels,
        Setting.logLevel,
    ]
}

extension Setting<String> {
    static var model: Self {
        .init("model", standard: "the default model", "A name of the store, or a file.")
    }
    static var draftModel: Self {
        .init(
            "draft-model",
            standard: "none",
            name: "model",
            "A smaller model of the same family that guesses the answers; they stay the same."
        )
    }
    static var name: Self { .init("name", standard: "the model's own", "What clients call the model.") }
    static var host: Self {
        .init("host", standard: ServerOptions().host, "The address to listen on; 0.0.0.0 is every one of this machine.")
    }
}

extension Setting<[String]> {
    static var embeddingModel: Self {
        .init(
            listOf: "embedding-model",
            name: "model",
            "A model that is to make vectors, whatever its files say; may be given several times."
        )
    }
    static var moreModels: Self {
        .init(listOf: "more-models", name: "model", "Models beside the first one, opened when they are asked for.")
    }
    static var adapter: Self {
        .init(
            listOf: "adapter",
            name: "name=path",
            "An adapter over the model, or over MODEL in MODEL:NAME=PATH; it answers as MODEL:NAME. May be given several times."
        )
    }
    static var pin: Self {
        .init(listOf: "pin", name: "model", "A model that stays open; may be given several times.")
    }
    static var apiKey: Self {
        .init(
            listOf: "api-key",
            isSecret: true,
            name: "key",
            "A key that clients must send; may be given several times."
        )
    }
    static var urgentKey: Self {
        .init(
            listOf: "urgent-key",
            isSecret: true,
            name: "key",
            "A key whose requests may go before others' ('priority' below 0); may be given several times."
        )
    }
    static var allowOrigin: Self {
        .init(listOf: "allow-origin", name: "origin", "A web origin whose pages may call the API.")
    }
}

extension Setting<Int> {
    static var port: Self {
        .init("port", in: 0...65535, standard: "\(ServerOptions().port)", name: "n", "The port; 0 takes a free one.")
    }
    static var maxRunning: Self {
        let standard = "\(Engine.Options().maxRunning)"
        return .init("max-running", in: 1...65536, standard: standard, name: "n", "Requests computed together.")
    }
    static var maxQueued: Self {
        .init(
            "max-queued",
            in: 1...(1 << 20),
            standard: "\(Engine.Options().maxQueued)",
            name: "n",
            "Requests that may wait; more are told to come back."
        )
    }
    static var cacheTokens: Self {
        .init(
            "cache-tokens",
            in: 16...(1 << 40),
            standard: "what memory allows",
            name: "n",
            "Tokens that the key-value cache holds, all requests together."
        )
    }
    static var context: Self {
        .init(
            "context",
            in: 1...(1 << 40),
            standard: "all the model can",
            name: "tokens",
            "The most tokens prompt and answer may have together; of several models, each as many as it can."
        )
    }
    static var modelMemory: Self {
        .init(
            "model-memory",
            in: 1...(1 << 30),
            standard: "four fifths of the machine's",
            name: "MB",
            "What all open models may take together, caches included; the one idle longest makes room."
        )
    }
    static var idle: Self {
        .init(
            "idle",
            in: 1...(1 << 20),
            standard: "until its room is wanted",
            name: "minutes",
            "How long a model that nobody asks stays open."
        )
    }
    static var threads: Self {
        .init("threads", in: 1...256, standard: "one for each core", name: "n", "Threads that compute.")
    }
    static var keepResponses: Self {
        .init(
            "keep-responses",
            in: 0...(1 << 30),
            standard: "\(ServerOptions().keptResponses)",
            name: "n",
            "Responses that are kept for /v1/responses; of more the oldest go. 0 keeps none."
        )
    }
    static var responseDays: Self {
        .init("response-days", in: 1...36500, standard: "30", name: "days", "How long a response is kept.")
    }
    static var grace: Self {
        .init(
            "grace",
            in: 0...86400,
            standard: "\(ServerOptions().gracePeriod.components.seconds)",
            name: "s",
            "Seconds that running answers get to finish when the server stops."
        )
    }
}

extension Setting<ProcessorList> {
    static var cpus: Self {
        let help = "Processors that the threads stay on, one each in this order, such as 0-3,8; Linux only."
        return .init(
            key: "cpus",
            help: help,
            valueName: "list",
            standard: "wherever the system likes",
            isList: false,
            isSecret: false
        ) { texts throws(BadValue) in
            guard let list = ProcessorList(texts[0]), (1...256).contains(list.numbers.count) else {
                throw BadValue("must be up to 256 processors, each once, such as 0-3,8")
            }
            return list
        } write: {
            [$0.description]
        }
    }
}

extension Setting<CacheType> {
    static var cacheType: Self {
        .init(
            oneOf: "cache-type",
            standard: Engine.Options().cacheType,
            "What the key-value cache holds: halves (f16), or bytes in half the memory (q8_0)."
        )
    }
}

/// Whether something is done.
enum Switch: String, CaseIterable, Sendable { case on, off }

extension Setting<Switch> {
    static var speculation: Self {
        .init(oneOf: "speculation", standard: .on, "Guess tokens and check several at once; answers stay the same.")
    }
    /// What holds depends on where the server listens.
    static var manageModels: Self {
        let setting = Self(
            oneOf: "manage-models",
            standard: .on,
            "Clients may pull, create, copy and delete models through Ollama's API."
        )
        return setting.standing("on where only this machine can call")
    }
}

extension Setting<Switch> {
    static var loadAdapters: Self {
        .init(
            oneOf: "load-adapters",
            standard: .off,
            "Whether clients may have adapters loaded from folders of this machine."
        )
    }
}

extension Setting<Logger.Level> {
    static var logLevel: Self { .init(oneOf: "log-level", standard: .info, "How much the log tells.") }
}
