import HTTPTypes
import NIOCore
import NIOHTTP1

extension APIError {
    /// A request that is not HTTP, or too much of it.
    init(_ error: HTTPParserError, _ limits: ConnectionLimits) {
        guard error != .headerOverflow else {
            let most = "\(limits.headers) lines, \(limits.headersSize) bytes, \(limits.headerSize) in one"
            self.init(
                status: .requestHeaderFieldsTooLarge,
                kind: .invalidRequest,
                message: "The request's headers are more than this server reads: at most \(most).",
                code: "headers_too_large"
            )
            return
        }
        self.init(
            status: .badRequest,
            kind: .invalidRequest,
            message: "The request is not valid HTTP: \(error.debugDescription).",
            code: "invalid_http"
        )
    }

    /// A request of which the rest did not come in time.
    static func tooSlow(after delay: TimeAmount) -> APIError {
        APIError(
            status: .requestTimeout,
            kind: .invalidRequest,
            message: "The request did not arrive within \(delay.nanoseconds / 1_000_000_000) s.",
            code: "request_timeout"
        )
    }

    /// The response to what could not be read as a request; nothing after it can be read either.
    var unreadable: (head: HTTPResponse, body: ByteBuffer) {
        var writer = JSONWriter()
        write(to: &writer)
        let body = writer.finish(), length = String(body.readableBytes)
        let headers: HTTPFields = [
            .connection: "close", .contentType: "application/json", .contentLength: length,
            RequestID.header: RequestID.of(nil),
        ]
        return (HTTPResponse(status: status, headerFields: headers), body)
    }
}
