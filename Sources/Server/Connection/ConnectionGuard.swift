import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Watches one connection: cuts clients that dribble or stop reading, answers `Expect`, and tells of hang-ups.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ConnectionLimits
    private let hangUp: Occurrence
    private var slowRequest: Scheduled<Void>?
    private var slowReader: Scheduled<Void>?
    private var closesAfterResponse = false, isLingering = false
    private var requestIsComplete = true, isAnswering = false, hasGivenUp = false
    /// Why what comes cannot be read.
    private var broken: HTTPParserError?

    init(limits: ConnectionLimits, hangUp: Occurrence) {
        self.limits = limits
        self.hangUp = hangUp
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        slowRequest?.cancel()
        slowReader?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        slowRequest?.cancel()
        slowReader?.cancel()
        hangUp.happen()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { hangUp.happen() }
        context.fireUserInboundEventTriggered(event)
    }
}

// MARK: Requests

extension ConnectionGuard {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if hasGivenUp { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            (requestIsComplete, isAnswering) = (false, false)
            slowRequest = giveUp(context, in: patience(for: head))
            if head.headerFields[.expect]?.lowercased() == "100-continue", fits(head) {
                let go = HTTPResponsePart.head(HTTPResponse(status: .continue))
                context.writeAndFlush(wrapOutboundOut(go), promise: nil)
            }
        case .body: break
        case .end:
            requestIsComplete = true
            slowRequest?.cancel()
            slowRequest = nil
            if isLingering { context.close(promise: nil) }
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError { (broken, requestIsComplete) = (error, false) }
        context.fireErrorCaught(error)
    }

    private func fits(_ head: HTTPRequest) -> Bool { announced(head) <= limits.bodySize }

    private func announced(_ head: HTTPRequest) -> Int {
        max(0, head.headerFields[.contentLength].flatMap { Int($0) } ?? 0)
    }

    private func patience(for head: HTTPRequest) -> TimeAmount {
        limits.requestTimeout + .seconds(Int64(min(announced(head), limits.bodySize) / limits.pace))
    }

    /// Ends a request that does not come to its end, and says why if nothing was said yet.
    private func giveUp(_ context: ChannelHandlerContext, in delay: TimeAmount) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
            if isAnswering { return context.close(promise: nil) }
            hasGivenUp = true
            let (head, body) = APIError.tooSlow(after: delay).unreadable
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(body)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            slowRequest = close(context, in: min(limits.lingering, .seconds(1)))
        }
    }

    private func close(_ context: ChannelHandlerContext, in delay: TimeAmount) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { context.close(promise: nil) }
    }
}

// MARK: Responses

extension ConnectionGuard {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isAnswering = true
            if head.headerFields[.connection]?.lowercased() == "close" { closesAfterResponse = true }
            // What was refused before the front door has no identity yet, and no body.
            guard let broken, head.headerFields[RequestID.header] == nil else {
                return context.write(data, promise: promise)
            }
            let (head, body) = APIError(broken, limits).unreadable
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(body)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end where closesAfterResponse:
            context.writeAndFlush(data, promise: promise)
            linger(context)
        case .end:
            context.write(data, promise: promise)
        }
    }

    /// Closing while the client still sends would reset the connection and could lose it the answer.
    private func linger(_ context: ChannelHandlerContext) {
        if requestIsComplete {
            context.close(promise: nil)
        } else {
            isLingering = true
            slowRequest?.cancel()
            slowRequest = close(context, in: limits.lingering)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        slowReader?.cancel()
        slowReader = context.channel.isWritable ? nil : close(context, in: limits.writeTimeout)
        context.fireChannelWritabilityChanged()
    }
}
