import ServiceLifecycle

/// Jobs run while the server does; they begin when the models that serve are open.
struct JobService: Service {
    let queue: JobQueue, models: any ModelDirectory

    func run() async throws {
        // Who cannot open them tells so elsewhere.
        guard (try? await models.prepare()) != nil else { return }
        queue.start()
        try? await gracefulShutdown()
        await queue.stop()
    }
}
