import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A TCP client that sends what it is told and keeps what it gets.
final class RawClient: Sendable {
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let received = Mutex("")
        let isClosed = Atomic(false)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            received.withLock { $0 += text }
        }

        func channelInactive(context: ChannelHandlerContext) { isClosed.store(true, ordering: .relaxed) }
    }

    private let channel: any Channel
    private let collector: Collector

    private init(_ channel: any Channel, _ collector: Collector) {
        (self.channel, self.collector) = (channel, collector)
    }

    /// - Parameter reads: whether it takes what comes; if not, the server's bytes pile up.
    static func connect(to port: Int, reads: Bool = true) async throws -> RawClient {
        let collector = Collector()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(host: "127.0.0.1", port: port)
            .get()
        return RawClient(channel, collector)
    }

    /// Connects and asks for `body` to be posted.
    static func posting(_ body: String, to path: String, port: Int, reads: Bool = true) async throws -> RawClient {
        let client = try await connect(to: port, reads: reads)
        try await client.post(body, to: path)
        return client
    }

    /// Connects, sends and waits for an answer; again where a busy machine was so slow that the server had cut it before it spoke.
    static func answered(_ text: String, by answer: String, port: Int) async throws -> RawClient {
        for _ in 0..<50 {
            let client = try await connect(to: port)
            guard (try? await client.send(text)) != nil else { continue }
            _ = await eventually { client.received.contains(answer) || client.isClosed }
            if client.received.contains(answer) { return client }
        }
        throw ChannelError.ioOnClosedChannel
    }

    static func posted(_ body: String, to path: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    var received: String { collector.received.withLock { $0 } }
    var isClosed: Bool { collector.isClosed.load(ordering: .relaxed) }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func post(_ body: String, to path: String) async throws { try await send(Self.posted(body, to: path)) }

    func close() async throws { try await channel.close() }

    /// Says that nothing more will be sent, and goes on reading.
    func closeOutput() async throws { try await channel.close(mode: .output) }

    /// Closes with a reset instead of a farewell.
    func reset() async throws {
        let provider = channel as? any SocketOptionProvider
        try await provider?.unsafeSetSocketOption(
            level: .socket,
            name: .so_linger,
            value: linger(l_onoff: 1, l_linger: 0)
        ).get()
        try await channel.close()
    }

    func waitFor(_ text: String) async -> Bool { await eventually { self.received.contains(text) } }
    func waitForEnd() async -> Bool { await eventually { self.isClosed } }
}

/// Whether the condition comes true within a time that only a hang would exhaust.
func eventually(within limit: Duration = .seconds(60), _ condition: @Sendable () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}
