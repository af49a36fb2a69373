import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Fetches a file from a web server into a ``PartialFile``: goes on where an earlier attempt stopped, follows redirections,
/// and tries again what may pass.
struct HTTPDownload {
    static let mostRedirections = 10

    let address: WebAddress
    let source: String
    /// The size, where it is known beforehand.
    let expectedBytes: Int?
    /// Whether a hash will tell if the bytes are right, so that those of another source may be continued.
    let isVerified: Bool
    let patience: Patience
    let meter: ProgressMeter

    /// Brings `part` to its end.
    func run(into part: PartialFile) async throws {
        if part.note.source != source {
            if !isVerified { try part.startAgain() }
            part.note = PartialFile.Note(source: source)
        }
        var failures = 0
        while true {
            let before = part.count
            do {
                meter.begin(.fetching, source: source, total: expectedBytes)
                if try await attempt(part) { return }
            } catch let retry as Retry {
                failures = part.count > before + 65_536 ? 1 : failures + 1
                guard failures < patience.attempts else { throw retry.error }
                let pause =
                    retry.after ?? min(patience.longestPause, patience.firstPause * (1 << min(failures - 1, 20)))
                meter.begin(.retrying, source: source, total: part.note.total, reason: "\(retry.error)")
                try await Task.sleep(for: pause)
            }
        }
    }

    /// A failure that may pass.
    private struct Retry: Error {
        let error: StoreError
        var after: Duration?
    }

    /// Asks once, through redirections. Returns whether the file is whole; false asks to be called again.
    private func attempt(_ part: PartialFile) async throws -> Bool {
        let from = part.count
        var url = address.url
        for _ in 0...Self.mostRedirections {
            let writer = BodyWriter(part: part, from: from, meter: meter, expected: expectedBytes)
            let reply = try await send(request(url, from: from, part), writer)
            if url == address.url, let hash = announcedHash(reply) { part.note.announced = hash }
            if let next = try redirection(reply) {
                url = next
                continue
            }
            return try conclude(reply, writer, part)
        }
        throw StoreError.network(url: address.url.absoluteString, reason: "it redirects in circles")
    }

    private func request(_ url: URL, from: Int, _ part: PartialFile) -> URLRequest {
        var request = URLRequest(url: url)
        request.setValue("yuyan", forHTTPHeaderField: "User-Agent")
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        if let token = address.token, url.origin == address.url.origin {
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        guard from > 0 else { return request }
        request.setValue("bytes=\(from)-", forHTTPHeaderField: "Range")
        if let validator = part.note.validator { request.setValue(validator, forHTTPHeaderField: "If-Range") }
        return request
    }

    private func send(_ request: URLRequest, _ writer: BodyWriter) async throws -> HTTPReply {
        do {
            return try await HTTPTransfer.get(
                request,
                silence: patience.silence,
                head: { try writer.begin($0) },
                body: { try writer.take($0) }
            )
        } catch let error as StoreError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw Retry(error: .network(url: "\(request.url ?? address.url)", reason: networkReason(error)))
        }
    }

    private func redirection(_ reply: HTTPReply) throws -> URL? {
        guard [301, 302, 303, 307, 308].contains(reply.status), let location = reply.headers["location"] else {
            return nil
        }
        guard let next = URL(string: location, relativeTo: reply.url)?.absoluteURL,
            next.scheme == "https" || (next.scheme == "http" && reply.url.scheme == "http")
        else {
            throw StoreError.network(url: "\(reply.url)", reason: "it redirects to \(location), which is not followed")
        }
        return next
    }

    private func conclude(_ reply: HTTPReply, _ writer: BodyWriter, _ part: PartialFile) throws -> Bool {
        switch reply.status {
        case 200, 206:
            guard let total = part.note.total ?? expectedBytes else { return true }
            guard part.count <= total else {
                try startAgain(part)
                throw Retry(error: .wrongSize(file: source, expected: total, found: part.count))
            }
            guard part.count == total else {
                throw Retry(
                    error: .network(
                        url: "\(reply.url)",
                        reason: "the answer ended after \(part.count) of \(total) bytes"
                    )
                )
            }
            return true
        case 416:
            if part.count > 0, writer.totalOfRefusal == part.count { return true }
            guard part.count > 0 else { throw refusal(reply) }
            try startAgain(part)
            return false
        case 408, 425, 429, 500...599:
            let seconds = reply.headers["retry-after"].flatMap(Int.init).map { Duration.seconds(min(max($0, 0), 60)) }
            throw Retry(error: refusal(reply), after: seconds)
        default: throw refusal(reply)
        }
    }

    private func startAgain(_ part: PartialFile) throws {
        try part.startAgain()
        part.note.source = source
    }

    /// The SHA-256 that the Hub puts beside its answer for a large file.
    private func announcedHash(_ reply: HTTPReply) -> String? {
        let tag = reply.headers["x-linked-etag"]?.trimmingCharacters(in: ["\""]).lowercased()
        return tag.flatMap { $0.wholeMatch(of: /[0-9a-f]{64}/) == nil ? nil : $0 }
    }

    private func refusal(_ reply: HTTPReply) -> StoreError {
        let advice =
            switch reply.status {
            case 401, 403:
                "it wants to know who asks; accept the model's terms there and set HF_TOKEN or MODELSCOPE_API_TOKEN"
            case 404, 410: "there is no such file; check the repository, the revision and the spelling"
            case 429: "too many requests; try again later"
            case 500...599: "the server has a problem; try again later"
            default: "this was not expected"
            }
        return .http(status: reply.status, url: address.url.absoluteString, advice: advice)
    }
}

extension URL {
    /// Scheme, host and port: whom one speaks with.
    var origin: String { "\(scheme ?? "")://\(host() ?? ""):\(port ?? (scheme == "https" ? 443 : 80))" }
}

/// Why a transfer failed, in words.
func networkReason(_ error: any Error) -> String {
    guard let error = error as? URLError else { return "\(error)" }
    return switch error.code {
    case .cannotFindHost, .dnsLookupFailed: "the host is not known; is this machine connected?"
    case .cannotConnectToHost: "it cannot be reached"
    case .timedOut: "it does not answer"
    case .networkConnectionLost: "the connection was lost"
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate:
        "its certificate is not trusted"
    default: "the transfer failed (\(error.code.rawValue))"
    }
}
