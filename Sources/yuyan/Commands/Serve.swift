import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Inference
import Logging
import Server

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a model: a chat page and the OpenAI API.",
        discussion: """
            Any OpenAI client works with the base URL http://127.0.0.1:8080/v1. Ctrl-C
            lets running answers finish; a second one ends them.

            Each option can be a variable too (YUYAN_PORT, YUYAN_API_KEY=one,two), or a
            line of a file (port: 9000); flags go before variables, variables before the
            file. The file is that of --config or YUYAN_CONFIG, else yuyan.yaml in this
            folder, else in YUYAN_HOME. --print-config shows what holds and why.
            """
    )

    @Argument(help: "A name of the store, a file or a folder; the default model if left out.")
    var model: String?

    @Option(.host) var host: String?
    @Option(.port) var port: Int?
    @Option(.name) var name: String?
    @Option(.apiKey) var apiKey: [String] = []
    @Option(.allowOrigin) var allowOrigin: [String] = []
    @Option(.embeddingModel) var embeddingModel: [String] = []
    @Option(.maxRunning) var maxRunning: Int?
    @Option(.maxQueued) var maxQueued: Int?
    @Option(.cacheTokens) var cacheTokens: Int?
    @Option(.speculation) var speculation: Switch?
    @Option(.grace) var grace: Int?
    @Option(.logLevel) var logLevel: Logger.Level?

    @OptionGroup(title: "Machine")
    var machine: ModelOptions

    @Flag(help: "Print what is set, and where it was found, as a file of settings; then stop.")
    var printConfig = false

    func run() async throws {
        let settings = try ServeSettings(self, machine.layers())
        if printConfig { return Terminal.write(Figures.table(settings.lines) + "\n") }
        let stored = try ModelOptions.locate(settings.model)
        let name = settings.name ?? stored.name
        let vectors = try settings.vectorModels()
        guard try !ModelBundle.isEncoder(at: stored.path) else {
            return try await serveVectors(settings.vectorModels(first: stored, name: name), settings)
        }
        let models = OneModel(named: name) {
            EngineModel(try settings.machine.open(stored, name: name), options: settings.engine)
        }
        let bench = try Workbench(models, stored, settings)
        let server = YuyanServer(
            models: bench.models,
            vectors: vectors,
            storage: bench.storage,
            tuner: bench.tuner,
            options: settings.server,
            logger: settings.logger
        )
        try await server.run { address in
            Terminal.complain("listening on \(address.host):\(address.port), opening \(stored.path)")
            // The listener does not wait for the model, nor for us.
            Task {
                guard (try? await models.prepare()) != nil else { return }
                Terminal.mention("\(name) is served on http://\(address.host):\(address.port)/ (API: /v1)")
                do { try await vectors.prepare() } catch { Terminal.complain("yuyan: \(error)") }
            }
        }
    }

    /// A server without a model that talks.
    private func serveVectors(_ vectors: VectorModels, _ settings: ServeSettings) async throws {
        let models = VectorsOnly(vectors)
        let server = YuyanServer(models: models, vectors: vectors, options: settings.server, logger: settings.logger)
        try await server.run { address in
            Terminal.complain("listening on \(address.host):\(address.port)")
            Task {
                guard (try? await models.prepare()) != nil else { return }
                let names = vectors.names.joined(separator: ", ")
                Terminal.mention(
                    "\(names): vectors on http://\(address.host):\(address.port)/v1/embeddings and /v1/rerank"
                )
            }
        }
    }
}

extension ServeSettings {
    /// The models that make vectors.
    func vectorModels(first: StoredModel? = nil, name: String? = nil) throws -> VectorModels {
        let others = try embeddingModels.map { try ModelOptions.locate($0) }
        let named = (first.map { [($0, name ?? $0.name)] } ?? []) + others.map { ($0, $0.name) }
        let check = machine.fingerprints, threads = machine.threads
        return VectorModels(
            named.map { stored, name in
                (
                    name,
                    {
                        if let threads { setenv("YUYAN_THREADS", "\(threads)", 1) }
                        let model = try VectorModel.open(path: stored.path, name: name, check: check)
                        return VectorEngineService(VectorEngine(model))
                    }
                )
            }
        )
    }
}

/// What `serve` does, once flags, variables and the file have been asked.
struct ServeSettings {
    let model, name: String?
    let server: ServerOptions, engine: Engine.Options, machine: Machine, logger: Logger
    let embeddingModels: [String]
    let lines: [[String]]

    init(_ flags: Serve, _ layers: Layers) throws(ConfigurationError) {
        var layers = layers
        model = try layers.read(.model, flag: flags.model)
        name = try layers.read(.name, flag: flags.name)
        server = try ServerOptions(flags, &layers)
        embeddingModels = try layers.read(.embeddingModel, flags: flags.embeddingModel)
        machine = try Machine(flags.machine, &layers)
        engine = try Engine.Options(flags, machine, &layers)
        logger = try Logger(flags, &layers)
        lines = layers.lines
    }
}

extension ServerOptions {
    fileprivate init(_ flags: Serve, _ layers: inout Layers) throws(ConfigurationError) {
        self.init()
        host = try layers.read(.host, flag: flags.host, default: host)
        port = try layers.read(.port, flag: flags.port, default: port)
        apiKeys = try layers.read(.apiKey, flags: flags.apiKey)
        allowedOrigins = Set(try layers.read(.allowOrigin, flags: flags.allowOrigin))
        let seconds = Int(gracePeriod.components.seconds)
        gracePeriod = .seconds(try layers.read(.grace, flag: flags.grace, default: seconds))
    }
}

extension Engine.Options {
    fileprivate init(_ flags: Serve, _ machine: Machine, _ layers: inout Layers) throws(ConfigurationError) {
        self = machine.engine
        maxRunning = try layers.read(.maxRunning, flag: flags.maxRunning, default: maxRunning)
        maxQueued = try layers.read(.maxQueued, flag: flags.maxQueued, default: maxQueued)
        cacheTokens = try layers.read(.cacheTokens, flag: flags.cacheTokens)
        speculates = try layers.read(.speculation, flag: flags.speculation, default: .on) == .on
    }
}

extension Logger {
    fileprivate init(_ flags: Serve, _ layers: inout Layers) throws(ConfigurationError) {
        self.init(label: "yuyan") { StreamLogHandler.standardError(label: $0) }
        logLevel = try layers.read(.logLevel, flag: flags.logLevel, default: .info)
        if let file = layers.file { info("settings are read from \(file.path)") }
    }
}
