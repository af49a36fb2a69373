import HTTPTypes
package import Hummingbird
import Inference
import Logging
import NIOCore
import NIOHTTP1
import Store
import Text

/// The way of every request: named, admitted, routed, and its end put into the log and the ledger.
package struct FrontDoor: HTTPResponder {
    let router: RouterResponder<AppContext>
    let routes: RouteTable
    let access: Access
    let ledger: RequestLedger
    let logger: Logger

    package func respond(to request: Request, context: AppContext) async throws -> Response {
        context.notes.id = RequestID.of(request.headers[RequestID.header])
        var response = try await answer(request, context)
        response.headers[RequestID.header] = context.notes.id
        if request.speaksAnthropic { response.headers[HTTPField.Name("request-id")!] = context.notes.id }
        response.headers[HTTPField.Name("openai-processing-ms")!] = String(context.notes.elapsed.milliseconds)
        for field in access.crossOrigin(request) { response.headers[field.name] = field.value }
        let record = Record(request, response, context)
        guard response.body.contentLength == nil else {
            finish(record)
            return response
        }
        response.body = response.body.finally { finish(record) }
        return response
    }

    private func answer(_ request: Request, _ context: AppContext) async throws -> Response {
        if let form = Self.refusals(of: request) { context.notes.refusals = form }
        do {
            if let response = access.preflight(request) { return response }
            context.notes.note(caller: try access.admit(request))
            let response = try await router.respond(to: request, context: context)
            return isUnrouted(context) ? unrouted(request).response(context.notes.refusals) : response
        } catch let error as HTTPParserError {
            throw error
        } catch {
            return refusal(error, request, context).response(context.notes.refusals)
        }
    }
}

// MARK: Refusals

extension FrontDoor {
    /// How a dialect other than OpenAI's says no, to those as well who come no further than the door.
    private static func refusals(of request: Request) -> RequestNotes.RefusalForm? {
        let path = request.uri.path
        if request.speaksAnthropic { return { MessagesExchange.write($0, to: &$1) } }
        if path.hasPrefix("/api/") { return { OllamaChat.write($0, to: &$1) } }
        if path.hasPrefix("/v2/"), path != "/v2/rerank" { return { QianfanExchange.write($0, to: &$1) } }
        return nil
    }

    private func isUnrouted(_ context: AppContext) -> Bool { context.coreContext.endpointPath.value == "NotFound" }

    private func unrouted(_ request: Request) -> APIError {
        let path = request.uri.path, allowed = routes.allowed(path).joined(separator: ", ")
        guard !allowed.isEmpty else {
            let message = "There is nothing at \(request.method) \(path)."
            return APIError(status: .notFound, kind: .notFound, message: message, code: "unknown_url")
        }
        return APIError(
            status: .methodNotAllowed,
            kind: .invalidRequest,
            message: "\(request.method) is not allowed at \(path); use \(allowed).",
            code: "method_not_allowed",
            headers: [.allow: allowed]
        )
    }

    private func refusal(_ error: any Error, _ request: Request, _ context: AppContext) -> APIError {
        switch error {
        case let error as APIError: return error
        case let error as JSONError: return APIError(error)
        case let error as EngineError: return APIError(error, param: "prompt")
        default: break
        }
        if context.hangUp.hasHappened || error is CancellationError {
            context.notes.note(outcome: "client gone")
            return APIError(status: .init(code: 499), kind: .invalidRequest, message: "The client closed the request.")
        }
        logger.error("\(request.method) \(request.uri.path) failed: \(error)", metadata: ["id": "\(context.notes.id)"])
        if let error = error as? StoreError { return APIError(error) }
        if let error = error as? CannotOpen { return APIError(error) }
        return .failed("The server failed; its log has the reason under request '\(context.notes.id)'.")
    }
}

// MARK: The end

extension FrontDoor {
    struct Record: Sendable {
        let method: String, path: String, route: String, status: Int
        let notes: RequestNotes

        init(_ request: Request, _ response: Response, _ context: AppContext) {
            method = request.method.rawValue
            path = String(request.uri.path.prefix(200))
            route = context.endpointPath ?? "none"
            status = response.status.code
            notes = context.notes
        }
    }

    private func finish(_ record: Record) {
        let notes = record.notes.current, elapsed = record.notes.elapsed
        ledger.add(route: record.route, method: record.method, status: record.status, elapsed: elapsed)
        var line = "\(record.method) \(record.path) \(record.status) \(elapsed.milliseconds) ms"
        if notes.promptTokens > 0 { line += " \(notes.promptTokens)+\(notes.completionTokens) tokens" }
        if let outcome = notes.outcome { line += ", \(outcome)" }
        logger.log(level: isChatter(record) ? .debug : .info, "\(line)", metadata: ["id": "\(notes.id)"])
    }

    /// Probes and pages would drown the requests a person looks for.
    private func isChatter(_ record: Record) -> Bool {
        ["/health", "/ready", "/metrics"].contains(record.route)
            || record.route.hasPrefix("/console")
    }
}

extension ResponseBody {
    /// The same body, with something to do when it is written or given up.
    func finally(_ end: @escaping @Sendable () -> Void) -> ResponseBody {
        ResponseBody(contentLength: contentLength) { writer in
            defer { end() }
            try await self.write(writer)
        }
    }
}

extension Duration {
    package var milliseconds: Int { Int(seconds * 1000) }
    var timeAmount: TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}
