import Foundation
import Synchronization

/// A web server of one thread a connection, for answers that a real one gives only on a bad day.
final class TestServer: Sendable {
    struct Request: Sendable {
        var path = "", headers: [String: String] = [:]

        /// The first byte of `Range: bytes=N-`.
        var rangeStart: Int? { headers["range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } }
    }

    struct Reply: Sendable {
        var status = 200, headers: [String: String] = [:], body: [UInt8] = []
        /// The connection is closed after so many bytes of the body.
        var cutAfter: Int?
        /// Sends no Content-Length.
        var isChunked = false
        /// Waits before the body.
        var pause = Duration.zero
        /// Says nothing after the head until its reader has gone.
        var isHeld = false

        static func redirect(_ location: String, _ headers: [String: String] = [:]) -> Reply {
            Reply(status: 302, headers: headers.merging(["Location": location]) { $1 })
        }
    }

    private let descriptor: Int32
    /// Its number belongs to somebody else afterwards.
    private let isClosed = Mutex(false)
    private let log = Mutex<[Request]>([])
    let port: Int

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { log.withLock { $0 } }

    init(_ handler: @escaping @Sendable (Request) -> Reply) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int? in
                guard bind(descriptor, address, length) == 0, listen(descriptor, 64) == 0,
                    getsockname(descriptor, address, &length) == 0
                else { return nil }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
        guard let port else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = port
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread { [self] in accept(handler) }
    }

    func stop() {
        isClosed.withLock { isClosed in
            if !isClosed { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func close() {
        isClosed.withLock { isClosed in
            isClosed = true
            Foundation.close(descriptor)
        }
    }

    private func accept(_ handler: @escaping @Sendable (Request) -> Reply) {
        defer { close() }
        while true {
            let connection = Foundation.accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread { [self] in
                defer { Foundation.close(connection) }
                guard let request = read(connection) else { return }
                log.withLock { $0.append(request) }
                write(handler(request), connection)
            }
        }
    }

    private func read(_ connection: Int32) -> Request? {
        var text = [UInt8](), byte: UInt8 = 0
        while !text.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            text.append(byte)
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first else { return nil }
        var request = Request()
        request.path = first.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard let name = pair.first else { continue }
            request.headers[name.lowercased()] = pair.count > 1 ? pair[1].trimmingCharacters(in: .whitespaces) : ""
        }
        return request
    }

    private func write(_ reply: Reply, _ connection: Int32) {
        var head = "HTTP/1.1 \(reply.status) Reply\r\nConnection: close\r\n"
        head += reply.isChunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(reply.body.count)\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        send(Array((head + "\r\n").utf8), connection)
        if reply.isHeld { return waitUntilLeft(connection) }
        if reply.pause > .zero { Thread.sleep(forTimeInterval: reply.pause / .seconds(1)) }
        let body = Array(reply.body.prefix(reply.cutAfter ?? .max))
        guard reply.isChunked else { return send(body, connection) }
        send(Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n".utf8), connection)
        if reply.cutAfter == nil { send(Array("0\r\n\r\n".utf8), connection) }
    }

    private func waitUntilLeft(_ connection: Int32) {
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) == 1 {}
    }

    private func send(_ bytes: [UInt8], _ connection: Int32) {
        var sent = 0
        while sent < bytes.count {
            let step = bytes.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress! + sent, bytes.count - sent, 0)
            }
            guard step > 0 else { return }
            sent += step
        }
    }
}

extension TestServer.Reply {
    /// Serves a file as a good server does: ranges, a strong ETag, If-Range.
    static func file(_ body: [UInt8], _ request: TestServer.Request, tag: String = "\"v1\"") -> TestServer.Reply {
        let isSame = request.headers["if-range"].map { $0 == tag } ?? true
        guard let start = request.rangeStart, isSame else { return .init(headers: ["ETag": tag], body: body) }
        guard start < body.count else { return .init(status: 416, headers: ["Content-Range": "bytes */\(body.count)"]) }
        let range = "bytes \(start)-\(body.count - 1)/\(body.count)"
        return .init(status: 206, headers: ["ETag": tag, "Content-Range": range], body: Array(body[start...]))
    }
}
