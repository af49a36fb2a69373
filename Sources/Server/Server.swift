import Foundation
package import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The server: listens, answers, and leaves in order.
///
/// ```swift
/// let models = OneModel(named: "qwen") { try open("qwen.gguf") }
/// try await YuyanServer(models: models).run { print("http://\($0.host):\($0.port)/") }
/// ```
///
/// It listens before the model is open; requests that come early wait for it.
public struct YuyanServer: Sendable {
    private let options: ServerOptions
    private let logger: Logger
    private let facilities: Facilities
    private let drain: Drain
    private let gauge = ConnectionGauge()
    /// Carries fine-tuning jobs on; nil where there is nothing to keep or to train them with.
    package let jobs: JobQueue?

    /// - Parameter vectors: what makes vectors and scores of texts.
    /// - Parameter storage: where files and jobs are kept; without it their routes answer 501.
    /// - Parameter tuner: what trains; without it jobs are shown, but none is taken.
    /// - Parameter keeper: who brings and removes models on a client's word; without it no client may.
    public init(
        models: any ModelDirectory,
        vectors: VectorModels = .none,
        storage: ServerStorage? = nil,
        tuner: (any FineTuner)? = nil,
        keeper: ModelKeeper? = nil,
        options: ServerOptions = ServerOptions(),
        logger: Logger = Logger(label: "yuyan.server")
    ) {
        self.init(
            models: models,
            vectors: vectors,
            storage: storage,
            tuner: tuner,
            keeper: keeper,
            options: options,
            logger: logger,
            stamp: Stamp.fresh
        )
    }

    /// - Parameter stamp: marks an answer; tests hand in one that does not change.
    package init(
        models: any ModelDirectory,
        vectors: VectorModels = .none,
        storage: ServerStorage? = nil,
        tuner: (any FineTuner)? = nil,
        keeper: ModelKeeper? = nil,
        options: ServerOptions,
        logger: Logger,
        stamp: @escaping @Sendable (String) -> Stamp
    ) {
        (self.options, self.logger) = (options, logger)
        facilities = Facilities(
            models: models,
            vectors: vectors,
            options: options,
            storage: storage,
            keeper: keeper,
            stamp: stamp
        )
        let drain = facilities.drain
        self.drain = drain
        jobs =
            if let storage, let tuner {
                JobQueue(storage.jobs, tuner: tuner, logger: logger) { drain.hasBegun }
            } else { nil }
    }

    /// What `yuyan --version` and `/api/version` say.
    public static let version = "0.1.0"

    /// Every feature of the server.
    private var features: [any Feature] {
        [
            Chat(facilities),
            Completions(facilities),
            Embeddings(facilities),
            Rerank(facilities),
            Ollama(facilities),
            Anthropic(facilities),
            Qianfan(facilities),
            Responses(facilities),
            Models(facilities),
            Adapters(facilities),
            Files(facilities),
            FineTuning(facilities, queue: jobs),
            Tokens(facilities),
            Sessions(facilities),
            Health(models: facilities.models, drain: drain),
            Metrics(facilities, connections: gauge),
            Console(.installed),
        ]
    }

    /// Where a server came to listen.
    public struct Address: Sendable {
        public let host: String, port: Int
    }

    /// Serves until it is told to end: by a signal, by graceful shutdown, or by cancellation.
    ///
    /// The first SIGINT or SIGTERM closes the door and lets running requests finish within the grace period; the second
    /// cuts them and throws ``Interrupted``. Throws as well if the address is taken or a model cannot be opened.
    public func run(onListening: @escaping @Sendable (Address) async -> Void = { _ in }) async throws {
        let group = serviceGroup(onListening)
        let failure = Failure()
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask {
                try await serve(group)
                if drain.wasInterrupted { throw Interrupted() }
                return true
            }
            tasks.addTask {
                await prepare(group, failure)
                return false
            }
            if options.trapsSignals { tasks.addTask { try await handleSignals(group) } }
            while let hasEnded = try await tasks.next(), !hasEnded {}
        }
        if let error = failure.error.withLock({ $0 }) { throw error }
    }

    /// Opens the models; where that fails the server leaves in order, for those who wait shall be told.
    private func prepare(_ group: ServiceGroup, _ failure: Failure) async {
        do {
            try await facilities.models.prepare()
        } catch is CancellationError {
        } catch {
            failure.error.withLock { $0 = (error as? CannotOpen)?.cause ?? error }
            drain.begin()
            await group.triggerGracefulShutdown()
        }
    }

    /// Why the models could not be opened.
    private final class Failure: Sendable {
        let error = Mutex<(any Error)?>(nil)
    }

    /// A second signal came before the running requests had finished.
    public struct Interrupted: Error {}

    /// The address that was asked for cannot be had: it is taken, of another machine, or forbidden.
    public struct CannotListen: Error, CustomStringConvertible {
        package let host: String, port: Int, reason: String

        public var description: String {
            "cannot listen on \(host):\(port): \(reason). Choose another --port or --host, or end what has it"
        }
    }

    private func serve(_ group: ServiceGroup) async throws {
        do { try await group.run() } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode)).lowercased()
            throw CannotListen(host: options.host, port: options.port, reason: reason)
        } catch is SocketAddressError.UnknownHost {
            throw CannotListen(host: options.host, port: options.port, reason: "that name has no address")
        } catch let error as SocketAddressError {
            throw CannotListen(host: options.host, port: options.port, reason: "\(error)")
        }
    }
}

// MARK: Assembly

extension YuyanServer {
    package var application: Application<FrontDoor> { application { _ in } }

    private func application(_ onListening: @escaping @Sendable (Address) async -> Void) -> Application<FrontDoor> {
        let host = options.host, limits = limits, gauge = gauge
        return Application(
            responder: frontDoor,
            server: HTTPServerBuilder { HTTPConnection(responder: $0, limits: limits, gauge: gauge) },
            configuration: .init(
                address: .hostname(options.host, port: options.port),
                serverName: "yuyan",
                availableConnectionsDelegate: .maximum(options.maximumConnections, logger: quietLogger)
            ),
            onServerRunning: { channel in
                await onListening(Address(host: host, port: channel.localAddress?.port ?? 0))
            },
            logger: quietLogger
        )
    }

    private var frontDoor: FrontDoor {
        let router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
        for feature in features { feature.mount(on: router.group()) }
        return FrontDoor(
            router: router.buildResponder(),
            routes: RouteTable(router),
            access: Access(options),
            ledger: facilities.ledger,
            logger: logger
        )
    }

    private var limits: ConnectionLimits {
        ConnectionLimits(
            requestTimeout: options.requestTimeout.timeAmount,
            writeTimeout: options.writeTimeout.timeAmount,
            idleTimeout: options.idleTimeout.timeAmount,
            bodySize: max(options.bodyLimit, takesFiles ? options.fileLimit : 0)
        )
    }

    private var takesFiles: Bool { facilities.storage != nil || facilities.keeper != nil }

    /// The libraries beneath speak only of what is wrong.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

// MARK: The end

extension YuyanServer {
    /// Services are shut down last to first: the drain begins, then the listener closes and its connections finish. The jobs come
    /// to rest meanwhile, and are waited for at the end.
    private func serviceGroup(_ onListening: @escaping @Sendable (Address) async -> Void) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: jobServices + [backgroundService] + [
                .init(service: application(onListening), successTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service: DrainService(drain: drain, delay: options.drainDelay, patience: options.gracePeriod),
                    successTerminationBehavior: .ignore
                ),
            ],
            logger: quietLogger
        )
        let patience = options.gracePeriod + options.drainDelay
        configuration.maximumGracefulShutdownDuration = patience + DrainService.lastWords
        return ServiceGroup(configuration: configuration)
    }

    private var jobServices: [ServiceGroupConfiguration.ServiceConfiguration] {
        guard let jobs else { return [] }
        let service = JobService(queue: jobs, models: facilities.models)
        return [.init(service: service, successTerminationBehavior: .ignore)]
    }

    private var backgroundService: ServiceGroupConfiguration.ServiceConfiguration {
        let service = BackgroundService(background: facilities.background)
        return .init(service: service, successTerminationBehavior: .ignore)
    }

    private func handleSignals(_ group: ServiceGroup) async throws -> Bool {
        for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            if drain.hasBegun { try await interrupt() }
            logger.notice("\(signal) received: finishing what runs; a second one cuts it")
            drain.begin()
            await group.triggerGracefulShutdown()
        }
        return false
    }

    /// Those who were cut are told, if they listen.
    private func interrupt() async throws -> Never {
        drain.interrupt()
        try? await Task.sleep(for: .milliseconds(200))
        throw Interrupted()
    }
}
