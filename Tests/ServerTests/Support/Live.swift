import Logging
import Server
import ServiceLifecycle

/// A server on a port of its own, and the group that can tell it to end.
func live(
    _ model: any GenerativeModel = FakeModel(),
    _ configure: (inout ServerOptions) -> Void = { _ in },
    _ test: @escaping @Sendable (_ port: Int, _ group: ServiceGroup) async throws -> Void
) async throws {
    try await running(server(model, configure), test)
}

func running(
    _ server: YuyanServer,
    _ test: @escaping @Sendable (_ port: Int, _ group: ServiceGroup) async throws -> Void
) async throws {
    let (ports, port) = AsyncStream<Int>.makeStream()
    let service = Running(server: server, port: port)
    let group = ServiceGroup(
        services: [service],
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        for await port in ports {
            try await test(port, group)
            break
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

private struct Running: Service {
    let server: YuyanServer, port: AsyncStream<Int>.Continuation

    func run() async throws {
        defer { port.finish() }
        try await server.run { port.yield($0.port) }
    }
}
