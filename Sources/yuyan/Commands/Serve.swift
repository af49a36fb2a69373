public import ArgumentParser
import Checkpoints
import Foundation
import Inference
public import Logging
import Server

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a model: a chat page and the OpenAI API.",
        discussion: """
            Any OpenAI client works with the base URL http://127.0.0.1:8080/v1. Ctrl-C lets running answers finish; a second
            one ends them. Each option can be set as a variable too: YUYAN_HOST, YUYAN_PORT, YUYAN_API_KEY …
            """
    )

    @Argument(help: "A name of the store, or a file; the default model if left out.")
    var model: String?

    @Option(help: "The address to listen on; 0.0.0.0 is every one of this machine.")
    var host = Environment.text("YUYAN_HOST") ?? "127.0.0.1"

    @Option(help: "The port; 0 takes a free one.")
    var port = Environment.number("YUYAN_PORT") ?? 8080

    @Option(help: "What clients call the model.")
    var name: String?

    @Option(help: ArgumentHelp("A key that clients must send; may be given several times.", valueName: "key"))
    var apiKey: [String] = Environment.list("YUYAN_API_KEY")

    @Option(help: ArgumentHelp("A web origin whose pages may call the API.", valueName: "origin"))
    var allowOrigin: [String] = Environment.list("YUYAN_ALLOW_ORIGIN")

    @Option(help: ArgumentHelp("Requests computed together.", valueName: "n"))
    var maxRunning = Environment.number("YUYAN_MAX_RUNNING") ?? 32

    @Option(help: ArgumentHelp("Requests that may wait; more are told to come back.", valueName: "n"))
    var maxQueued = Environment.number("YUYAN_MAX_QUEUED") ?? 256

    @Option(help: ArgumentHelp("Tokens that the key-value cache holds, all requests together.", valueName: "n"))
    var cacheTokens: Int?

    @Option(help: ArgumentHelp("Seconds that running answers get to finish when the server stops.", valueName: "s"))
    var grace = Environment.number("YUYAN_GRACE") ?? 30

    @Option(help: "trace, debug, info, notice, warning or error.")
    var logLevel: Logger.Level = .info

    @OptionGroup(title: "Machine")
    var machine: ModelOptions

    func validate() throws {
        if !(0...65535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
        if maxRunning < 1 { throw ValidationError("--max-running must be at least 1") }
        if maxQueued < 1 { throw ValidationError("--max-queued must be at least 1") }
        if grace < 0 { throw ValidationError("--grace must be 0 or more") }
        if let cacheTokens, cacheTokens < 16 { throw ValidationError("--cache-tokens must be at least 16") }
    }

    func run() async throws {
        let stored = try ModelOptions.locate(model), name = name ?? stored.name, machine = machine,
            engine = engineOptions
        let models = OneModel(named: name) { EngineModel(try machine.open(stored, name: name), options: engine) }
        var logger = Logger(label: "yuyan") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        try await YuyanServer(models: models, options: serverOptions, logger: logger).run { address in
            Terminal.write("\(name) is served on http://\(address.host):\(address.port)/ (API: /v1)\n")
        }
    }

    private var engineOptions: Engine.Options {
        var options = Engine.Options()
        (options.maxRunning, options.maxQueued, options.cacheTokens) = (
            maxRunning, maxQueued, cacheTokens ?? Environment.number("YUYAN_CACHE_TOKENS")
        )
        return options
    }

    private var serverOptions: ServerOptions {
        var options = ServerOptions()
        (options.host, options.port, options.apiKeys) = (host, port, apiKey)
        options.allowedOrigins = Set(allowOrigin)
        options.gracePeriod = .seconds(grace)
        return options
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// Settings from the environment; an empty variable counts as unset.
enum Environment {
    static func text(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    static func number(_ name: String) -> Int? { text(name).flatMap(Int.init) }

    static func list(_ name: String) -> [String] {
        text(name)?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
    }
}
