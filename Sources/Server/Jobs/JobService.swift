import ServiceLifecycle

/// Jobs run while the server does; they begin when the models that serve are open.
struct JobService: Service {
    let queue: JobQueue, models: any ModelDirectory

    func run() async throws {
        // Who cannot open them tells so elsewhere. A service that ends before its turn would count as a failure.
        let isOpen = (try? await models.prepare()) != nil
        if isOpen { queue.start() }
        try? await gracefulShutdown()
        if isOpen { await queue.stop() }
    }
}
