import HTTPTypes
import Hummingbird

/// Who may call: bearer keys, and the web origins whose pages may.
///
/// Any page a person visits can send requests to `127.0.0.1`. A browser always says where such a page came from, so an
/// origin that is neither ours nor allowed is refused. Where the server listens on this machine only, its own name must be
/// one of this machine, or a page could point its own name at us and pass for us.
struct Access: Sendable {
    private let keys: [String], urgent: Range<Int>, origins: Set<String>, isLocal: Bool

    init(_ options: ServerOptions) {
        keys = options.apiKeys + options.urgentKeys
        urgent = options.apiKeys.count..<keys.count
        origins = options.allowedOrigins
        isLocal = Access.isThisMachine(options.host)
    }

    private static let open: Set<String> = ["/", "/health", "/ready", "/favicon.ico"]

    /// Returns whose request it is. Where no key tells callers apart, they may hurry only if all are on this machine.
    func admit(_ request: Request) throws(APIError) -> Caller {
        let path = request.uri.path
        if !["/health", "/ready"].contains(path) { try checkHost(request) }
        try checkOrigin(request)
        guard !keys.isEmpty else { return Caller(mayHurry: isLocal) }
        guard !Access.open.contains(path), !path.hasPrefix("/console") else { return Caller() }
        return try checkKey(request.headers)
    }
}

// MARK: Keys

extension Access {
    private func checkKey(_ headers: HTTPFields) throws(APIError) -> Caller {
        guard let given = bearer(headers) else { throw denied("Send an API key: 'Authorization: Bearer KEY'.") }
        // Every key is compared, and each to its end: how long this takes tells nothing.
        let matches = keys.indices.filter { Access.equal(keys[$0], given) }
        guard let match = matches.first else { throw denied("The API key is not known here.") }
        return Caller(number: match, mayHurry: matches.contains(where: urgent.contains))
    }

    private func bearer(_ headers: HTTPFields) -> String? {
        guard let header = headers[.authorization] else { return headers[HTTPField.Name("x-api-key")!] }
        guard header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst("bearer ".count)).trimmed
    }

    private func denied(_ message: String) -> APIError {
        APIError(
            status: .unauthorized,
            kind: .authentication,
            message: message,
            code: "invalid_api_key",
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    /// Equality in a time that depends on `given` only.
    static func equal(_ key: String, _ given: String) -> Bool {
        let key = Array(key.utf8), given = Array(given.utf8)
        var difference = UInt8(key.count == given.count ? 0 : 1)
        for (index, byte) in given.enumerated() {
            difference |= byte ^ (key.isEmpty ? 0xFF : key[index % key.count])
        }
        return difference == 0
    }
}

// MARK: Origins

extension Access {
    /// Refuses to be called by a name that is not this machine's, where it listens on this machine only and asks for no key: a
    /// page may have had its own name lead here, and a plain GET of its own says no origin.
    private func checkHost(_ request: Request) throws(APIError) {
        guard isLocal, keys.isEmpty, let host = request.head.authority?.lowercased(), !host.isEmpty,
            !Access.isThisMachine(host), !origins.contains("*"),
            !origins.contains(where: { $0.lowercased().hasSuffix("://" + host) })
        else { return }
        throw APIError(
            status: .forbidden,
            kind: .permission,
            message:
                "This server is not called '\(host)'; --allow-origin http://\(host) lets it be, and so does an API key.",
            code: "host_not_allowed"
        )
    }

    private func checkOrigin(_ request: Request) throws(APIError) {
        guard let origin = request.headers[.origin], !isAllowed(origin) else { return }
        let host = request.head.authority ?? ""
        guard origin.lowercased().hasSuffix("://" + host.lowercased()), !isLocal || Access.isThisMachine(host) else {
            throw APIError(
                status: .forbidden,
                kind: .permission,
                message: "Pages from '\(origin)' may not call this server; --allow-origin \(origin) lets them.",
                code: "origin_not_allowed"
            )
        }
    }

    private func isAllowed(_ origin: String) -> Bool {
        origins.contains("*") || origins.contains(origin)
    }

    static func isThisMachine(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" }) : bareName(host)
        return ["localhost", "127.0.0.1", "::1"].contains(name.lowercased())
            || name.lowercased().hasSuffix(".localhost")
    }

    private static func bareName(_ host: String) -> String {
        host.count { $0 == ":" } > 1 ? host : String(host.prefix { $0 != ":" })
    }

    /// The answer to a browser that asks before it sends, or nil if this is no such question.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, let origin = request.headers[.origin], isAllowed(origin),
            request.headers[.accessControlRequestMethod] != nil
        else { return nil }
        var headers = crossOrigin(request)
        headers[.accessControlAllowMethods] = "GET, POST, DELETE, OPTIONS"
        headers[.accessControlAllowHeaders] = request.headers[.accessControlRequestHeaders] ?? "*"
        headers[.accessControlMaxAge] = "86400"
        return Response(status: .noContent, headers: headers)
    }

    func crossOrigin(_ request: Request) -> HTTPFields {
        guard let origin = request.headers[.origin], isAllowed(origin) else { return [:] }
        return [
            .accessControlAllowOrigin: origins.contains("*") ? "*" : origin,
            .accessControlExposeHeaders: "x-request-id, retry-after, openai-processing-ms",
            .vary: "Origin",
        ]
    }
}
