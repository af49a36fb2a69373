import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// An HTTP/1.1 connection under guard: Hummingbird's, with a ``ConnectionGuard`` in its pipeline.
struct HTTPConnection: ServerChildChannel {
    typealias Parts = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    struct Value: ServerChildChannelValue {
        let parts: Parts
        let hangUp: Occurrence
        var channel: any Channel { parts.channel }
    }

    let responder: HTTPChannelHandler.Responder
    let limits: ConnectionLimits
    let gauge: ConnectionGauge

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let hangUp = Occurrence()
        gauge.opened()
        channel.closeFuture.whenComplete { [gauge] _ in gauge.closed() }
        return http(hangUp).setup(channel: channel, logger: logger).flatMapThrowing { parts in
            let pipeline = channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(PlainOldHTTP(), position: .before(codec))
            return Value(parts: parts, hangUp: hangUp)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await HangUp.$current.withValue(value.hangUp) {
            await http(value.hangUp).handle(value: value.parts, logger: logger)
        }
    }

    private func http(_ hangUp: Occurrence) -> HTTP1Channel {
        let limits = limits
        return HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [ConnectionGuard(limits: limits, hangUp: hangUp)],
                idleTimeout: limits.idleTimeout,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerSize,
                    maxHeaderListSize: limits.headersSize,
                    maxHeaderFieldCount: limits.headers
                )
            )
        )
    }
}
