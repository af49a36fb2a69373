import Foundation

/// Writes an answer's body where it belongs in a ``PartialFile``: behind what is there, or over it where the server sends
/// the whole file.
///
/// One transfer calls it, from one queue, one call after the other.
final class BodyWriter: @unchecked Sendable {
    private let part: PartialFile
    private let from: Int
    private let meter: ProgressMeter
    private let expected: Int?
    private var writes = false
    /// The size of the file by the server's refusal of a range.
    private(set) var totalOfRefusal: Int?

    init(part: PartialFile, from: Int, meter: ProgressMeter, expected: Int?) {
        (self.part, self.from, self.meter, self.expected) = (part, from, meter, expected)
    }

    func begin(_ reply: HTTPReply) throws {
        switch reply.status {
        case 200:
            try part.truncate(to: 0)
            try accept(reply, total: reply.headers["content-length"].flatMap(Int.init))
        case 206:
            let range = ContentRange(reply.headers["content-range"] ?? "")
            guard let range, range.start == from else {
                throw StoreError.network(url: "\(reply.url)", reason: "it sends another range than was asked for")
            }
            try accept(reply, total: range.total)
        case 416:
            totalOfRefusal = reply.headers["content-range"].flatMap { $0.split(separator: "/").last }.flatMap {
                Int($0)
            }
        default: break
        }
    }

    func take(_ data: Data) throws {
        guard writes else { return }
        try data.withUnsafeBytes { try part.append($0) }
        meter.update(part.count, of: part.note.total)
    }

    private func accept(_ reply: HTTPReply, total: Int?) throws {
        if let total, let expected, total != expected {
            throw StoreError.wrongSize(file: reply.url.absoluteString, expected: expected, found: total)
        }
        let folder = URL(filePath: part.path).deletingLastPathComponent().path
        if let total { try requireSpace(total - part.count, in: folder) }
        let tag = reply.headers["etag"].flatMap { $0.hasPrefix("W/") ? nil : $0 }
        part.note.validator = tag ?? reply.headers["last-modified"]
        part.note.total = total
        writes = true
    }
}

/// `Content-Range: bytes 5-9/10`.
struct ContentRange {
    let start: Int
    let total: Int?

    init?(_ header: String) {
        guard let match = header.wholeMatch(of: /bytes (\d+)-\d+\/(\d+|\*)/), let start = Int(match.1) else {
            return nil
        }
        (self.start, total) = (start, Int(match.2))
    }
}
