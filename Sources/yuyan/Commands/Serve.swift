import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Inference
import Logging
import Server

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve models: a chat page and the OpenAI API.",
        discussion: """
            Of several models the first is open from the start, others are opened by their
            first request and make room for each other; --all adds the whole store. Models
            whose files say that they make vectors answer /v1/embeddings and /v1/rerank.

            Any OpenAI client works with the base URL http://127.0.0.1:8080/v1. Ctrl-C
            lets running answers finish; a second one ends them.

            Each option can be a variable too (YUYAN_PORT, YUYAN_API_KEY=one,two), or a
            line of a file (port: 9000); flags go before variables, variables before the
            file. The file is that of --config or YUYAN_CONFIG, else yuyan.yaml in this
            folder, else in YUYAN_HOME. --print-config shows what holds and why.
            """
    )

    @Argument(
        help: "Names of the store, files or folders; the default model if left out. The first answers who names none."
    )
    var models: [String] = []

    @Option(.host) var host: String?
    @Option(.port) var port: Int?
    @Option(.name) var name: String?
    @Option(.apiKey) var apiKey: [String] = []
    @Option(.urgentKey) var urgentKey: [String] = []
    @Option(.allowOrigin) var allowOrigin: [String] = []
    @Flag(help: "Every model of the store as well, opened when it is asked for.")
    var all = false
    @Option(.adapter) var adapter: [String] = []
    @Option(.loadAdapters) var loadAdapters: Switch?
    @Option(.pin) var pin: [String] = []
    @Option(.modelMemory) var modelMemory: Int?
    @Option(.idle) var idle: Int?
    @Option(.embeddingModel) var embeddingModel: [String] = []
    @Option(.maxRunning) var maxRunning: Int?
    @Option(.maxQueued) var maxQueued: Int?
    @Option(.cacheTokens) var cacheTokens: Int?
    @Option(.speculation) var speculation: Switch?
    @Option(.keepResponses) var keepResponses: Int?
    @Option(.responseDays) var responseDays: Int?
    @Option(.grace) var grace: Int?
    @Option(.manageModels) var manageModels: Switch?
    @Option(.logLevel) var logLevel: Logger.Level?

    @OptionGroup(title: "Machine")
    var machine: ModelOptions

    @Flag(help: "Print what is set, and where it was found, as a file of settings; then stop.")
    var printConfig = false

    func run() async throws {
        var settings = try ServeSettings(self, machine.layers())
        if printConfig { return Terminal.write(Figures.table(settings.lines) + "\n") }
        try settings.machine.workers.claim()
        let stored = try settings.locate(), talkers = stored.filter { !$0.makesVectors }
        let makers = try settings.makers(among: stored)
        try settings.checkPins(among: stored + makers)
        settings.vectorBytes = makers.reduce(0) { $0 + $1.bytes }
        let shelf = ModelRoom.shelf(settings), sweeping = Task { try await shelf.sweepOften() }
        defer { sweeping.cancel() }
        guard let first = talkers.first else {
            return try await serveVectors(settings.vectorModels(makers, areAlone: true, on: shelf), settings)
        }
        let vectors = settings.vectorModels(makers, on: shelf), room = ModelRoom(talkers, settings, on: shelf)
        try room.requireRoom()
        let models = room.models, name = models.names.joined(separator: ", ")
        let bench = try Workbench(room, settings)
        let server = YuyanServer(
            models: bench.models,
            vectors: vectors,
            storage: bench.storage,
            tuner: bench.tuner,
            keeper: settings.managesModels ? room.keeper(vectors) : nil,
            options: settings.server,
            logger: settings.logger
        )
        try await server.run { address in
            Terminal.complain("listening on \(address.host):\(address.port), opening \(first.path)")
            // The listener does not wait for the model, nor for us.
            Task {
                guard (try? await models.prepare()) != nil else { return }
                let verb = talkers.count == 1 ? "is" : "are"
                Terminal.mention("\(name) \(verb) served on http://\(address.host):\(address.port)/ (API: /v1)")
                room.complain()
                Self.mention(vectors, address)
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
                Self.mention(vectors, address)
            }
        }
    }

    private static func mention(_ vectors: VectorModels, _ address: YuyanServer.Address) {
        let names = vectors.names.joined(separator: ", ")
        guard !names.isEmpty else { return }
        Terminal.mention("\(names): vectors on http://\(address.host):\(address.port)/v1/embeddings and /v1/rerank")
    }
}

/// What `serve` does, once flags, variables and the file have been asked.
struct ServeSettings {
    let model, name: String?
    let server: ServerOptions, engine: Engine.Options, logger: Logger
    var machine: Machine
    let embeddingModels, moreModels, pinned, adapters: [String]
    let modelMemory, idle: Int?
    let servesAll, managesModels: Bool
    let lines: [[String]]
    /// What the models that make vectors take, which is left to them.
    var vectorBytes = 0

    init(_ flags: Serve, _ layers: Layers) throws(ConfigurationError) {
        var layers = layers
        model = try layers.read(.model, flag: flags.models.first)
        moreModels = try layers.read(.moreModels, flags: Array(flags.models.dropFirst()))
        pinned = try layers.read(.pin, flags: flags.pin)
        adapters = try layers.read(.adapter, flags: flags.adapter)
        modelMemory = try layers.read(.modelMemory, flag: flags.modelMemory)
        idle = try layers.read(.idle, flag: flags.idle)
        servesAll = flags.all
        name = try layers.read(.name, flag: flags.name)
        server = try ServerOptions(flags, &layers)
        embeddingModels = try layers.read(.embeddingModel, flags: flags.embeddingModel)
        let isLocal = server.host == "localhost" || server.host == "::1" || server.host.hasPrefix("127.")
        managesModels = try layers.read(.manageModels, flag: flags.manageModels, default: isLocal ? .on : .off) == .on
        machine = try Machine(flags.machine, &layers)
        engine = try Engine.Options(flags, machine, &layers)
        logger = try Logger(flags, &layers)
        lines = layers.lines
    }
}

extension ServerOptions {
    fileprivate init(_ flags: Serve, _ layers: inout Layers) throws(ConfigurationError) {
        self.init()
        sessions = .home
        host = try layers.read(.host, flag: flags.host, default: host)
        port = try layers.read(.port, flag: flags.port, default: port)
        apiKeys = try layers.read(.apiKey, flags: flags.apiKey)
        urgentKeys = try layers.read(.urgentKey, flags: flags.urgentKey)
        allowedOrigins = Set(try layers.read(.allowOrigin, flags: flags.allowOrigin))
        keptResponses = try layers.read(.keepResponses, flag: flags.keepResponses, default: keptResponses)
        let days = try layers.read(.responseDays, flag: flags.responseDays, default: 30)
        responseLifetime = .seconds(86_400 * days)
        loadsAdapters = try layers.read(.loadAdapters, flag: flags.loadAdapters, default: .off) == .on
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
