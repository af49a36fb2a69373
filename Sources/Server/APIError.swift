package import HTTPTypes
package import Hummingbird
package import Inference
import NIOCore
package import Store
package import Text

/// A refusal in the form that OpenAI's clients know: `{"error": {"message", "type", "param", "code"}}`.
package struct APIError: Error, Hashable {
    package enum Kind: String, Sendable {
        case invalidRequest = "invalid_request_error"
        case authentication = "authentication_error"
        case permission = "permission_error"
        case notFound = "not_found_error"
        case rateLimit = "rate_limit_error"
        case server = "server_error"
    }

    package var status: HTTPResponse.Status
    package var kind: Kind
    package var message: String
    package var param: String?
    package var code: String?
    package var headers: HTTPFields = [:]
}

// MARK: The refusals

extension APIError {
    package static func invalid(_ param: String?, _ message: String, code: String? = nil) -> APIError {
        APIError(status: .badRequest, kind: .invalidRequest, message: message, param: param, code: code)
    }

    package static func unsupported(_ param: String, _ message: String) -> APIError {
        .invalid(param, message, code: "unsupported_parameter")
    }

    /// - Parameter field: the one that has the name; told where it is not the usual one.
    package static func modelNotFound(_ name: String, served: [String], in field: String = "model") -> APIError {
        let names = served.map { "'\($0)'" }.joined(separator: ", ")
        let place = field == "model" ? "" : ", which '\(field)' names,"
        let message = "The model '\(name)'\(place) does not exist here. Served: \(names)."
        return APIError(
            status: .notFound,
            kind: .invalidRequest,
            message: message,
            param: field,
            code: "model_not_found"
        )
    }

    /// - Parameter served: models that might have been meant.
    static func modelMissing(served: [String]) -> APIError {
        let names = served.map { "'\($0)'" }.joined(separator: ", ")
        return .invalid("model", "'model' is missing: name one of \(names).", code: "missing_required_parameter")
    }

    package static func tooLong(prompt: Int, completion: Int?, limit: Int, param: String) -> APIError {
        var message = "This model's context holds \(limit) tokens, but the prompt has \(prompt)"
        if let completion { message += " and \(completion) more were asked for, \(prompt + completion) in all" }
        message += completion == nil ? ". Shorten it." : ". Shorten the prompt or ask for fewer tokens."
        return .invalid(param, message, code: "context_length_exceeded")
    }

    package static func tooLarge(limit: Int) -> APIError {
        APIError(
            status: .contentTooLarge,
            kind: .invalidRequest,
            message: "The body is larger than \(limit) bytes.",
            code: "body_too_large",
            headers: [.connection: "close"]
        )
    }

    package static func busy(retryAfter seconds: Int, _ message: String) -> APIError {
        APIError(
            status: .tooManyRequests,
            kind: .rateLimit,
            message: message,
            code: "engine_overloaded",
            headers: [.retryAfter: String(max(1, seconds))]
        )
    }

    package static func unavailable(_ message: String) -> APIError {
        APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: message,
            code: "unavailable",
            headers: [.retryAfter: "1"]
        )
    }

    package static func failed(_ message: String) -> APIError {
        APIError(status: .internalServerError, kind: .server, message: message, code: "internal_error")
    }
}

// MARK: What other rooms throw

extension APIError {
    package init(_ error: JSONError) {
        switch error {
        case .syntax: self = .invalid(nil, "The body is not valid JSON: \(error).", code: "invalid_json")
        case .unexpected(let path, _, _): self = .invalid(path.isEmpty ? nil : path, "\(error).", code: "invalid_value")
        }
    }

    /// - Parameter param: the field that held the prompt.
    package init(_ error: EngineError, param: String) {
        switch error {
        case .full(let delay): self = .busy(retryAfter: Int(delay.components.seconds), "The server is busy: \(error).")
        case .promptTooLong(let tokens, let completion, let limit):
            self = .tooLong(prompt: tokens, completion: completion > 0 ? completion : nil, limit: limit, param: param)
        case .stuck: self = .invalid(nil, "The answer cannot go on: \(error).", code: "grammar_stuck")
        case .emptyPrompt, .unknownToken: self = .invalid(param, "\(error).", code: "invalid_value")
        case .invalid(let what): self = .invalid(nil, "\(what).", code: "invalid_value")
        case .shuttingDown, .cancelled: self = .unavailable("\(error).")
        case .badLogits, .modelFailed: self = .failed("\(error)")
        }
    }
}

extension APIError {
    /// The log has the path and the reason, which are no client's business.
    package init(_ error: StoreError) {
        switch error {
        case .full:
            self.init(
                status: .init(code: 507, reasonPhrase: "Insufficient Storage"),
                kind: .server,
                message: "The server's disk is full; nothing that was kept is lost. Delete files, or ask its operator.",
                code: "storage_full"
            )
        case .unstorable:
            self = .invalid(nil, "A text of the request has a NUL character. Leave it out.", code: "invalid_value")
        case .inUse: self = .unavailable("The server's storage is in use; try again.")
        default: self = .failed("The server's storage failed; its log has the reason.")
        }
    }

    /// The engine let go of a generation before its end.
    package static let cut = APIError.unavailable("The generation was cut: the server is shutting down.")

    /// What went wrong in the middle of an answer.
    package init(during error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as EngineError: self = APIError(error, param: "prompt")
        case let error as CannotOpen: self = APIError(error)
        default: self = .failed("The generation failed.")
        }
    }
}

// MARK: As a response

extension APIError: HTTPResponseError {
    /// In the form of the route's dialect.
    package func response(from request: Request, context: some RequestContext) throws -> Response {
        (context as? AppContext).map { response($0.notes.refusals) } ?? response
    }

    package var response: Response { response { $0.write(to: &$1) } }

    package func response(_ form: RequestNotes.RefusalForm) -> Response {
        var writer = JSONWriter()
        form(self, &writer)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: writer.finish()))
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("error") { writer in
                writer.object { writer in
                    writer.field("message", message)
                    writer.field("type", kind.rawValue)
                    writer.field("param", param)
                    writer.field("code", code)
                }
            }
        }
    }
}
