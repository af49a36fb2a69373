import NIOCore
import NIOHTTP1

/// Speaks HTTP/1.0 to those who do: `ab`, old proxies and health checkers know neither chunks nor lasting connections.
///
/// Stands below the codec, which forgets what version was asked for. A body whose length is unknown ends with its connection
/// (RFC 1945 § 7.2.2), so every such request gets a connection of its own.
final class PlainOldHTTP: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isOld = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.version == .http1_0 else {
            return context.fireChannelRead(data)
        }
        isOld = true
        head.headers.replaceOrAdd(name: "connection", value: "close")
        head.headers.remove(name: "expect")  // RFC 9110 § 10.1.1: not of these
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isOld, case .head(var head) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        head.version = .http1_0
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
