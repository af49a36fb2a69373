/// Cuts a `multipart/form-data` body (RFC 7578, RFC 2046 § 5.1) into its parts as it comes, however it was cut before.
///
/// It keeps a delimiter's length of bytes and one part's headers, never a part.
package struct MultipartParser {
    package enum Event: Hashable, Sendable {
        case part(MultipartHead)
        /// More bytes of the part that was begun last.
        case bytes([UInt8])
    }

    private enum Place {
        case preamble, delimiter, head, content, epilogue
    }

    /// What the headers of one part may have, and how many parts there may be.
    package static let headLimit = 8 << 10, partLimit = 64

    private let delimiter: [UInt8]
    private var place = Place.preamble
    private var pending: [UInt8]
    private var parts = 0
    /// How many bytes of a part's headers have been looked at.
    private var seen = 0

    /// - Parameter boundary: as ``boundary(of:)`` finds it.
    package init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        pending = Array("\r\n".utf8)  // the first delimiter may open the body
    }

    /// Takes more of the body; returns what can be told of it.
    package mutating func feed(_ bytes: some Sequence<UInt8>) throws(APIError) -> [Event] {
        guard place != .epilogue else { return [] }
        pending.append(contentsOf: bytes)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// The body has ended.
    package func finish() throws(APIError) {
        guard place == .epilogue else { throw .multipart("it ends before its last boundary") }
    }
}

// MARK: Steps

extension MultipartParser {
    /// Returns whether another step may be possible with the bytes that are there.
    private mutating func step(_ events: inout [Event]) throws(APIError) -> Bool {
        switch place {
        case .preamble: return content { _ in }
        case .content: return content { events.append(.bytes($0)) }
        case .delimiter: return try afterDelimiter()
        case .head: return try head(&events)
        case .epilogue:
            pending = []
            return false
        }
    }

    /// Passes on what is before the next delimiter; of what might be the beginning of one, nothing.
    private mutating func content(_ pass: ([UInt8]) -> Void) -> Bool {
        let (end, found) = pending.withUnsafeBufferPointer { search($0) }
        if end > 0 { pass(Array(pending[..<end])) }
        pending.removeFirst(found ? end + delimiter.count : end)
        if found { place = .delimiter }
        return found
    }

    /// The place of the first whole delimiter that is one, or else of the first that might become one.
    private func search(_ bytes: UnsafeBufferPointer<UInt8>) -> (Int, found: Bool) {
        var start = 0
        while let index = bytes[start...].firstIndex(of: UInt8(ascii: "\r")) {
            let rest = bytes[index...]
            guard rest.count > delimiter.count else {
                if delimiter.starts(with: rest) || rest.starts(with: delimiter) { return (index, false) }
                start = index + 1
                continue
            }
            // What goes on like a word is a longer line of the content.
            if rest.starts(with: delimiter), " \t\r-".utf8.contains(bytes[index + delimiter.count]) {
                return (index, true)
            }
            start = index + 1
        }
        return (bytes.count, false)
    }

    /// A delimiter is followed by `--` at the end of all, else by white space and the end of its line.
    private mutating func afterDelimiter() throws(APIError) -> Bool {
        let padding = pending.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
        guard padding < 256 else { throw .multipart("white space without end follows a boundary") }
        let rest = pending.dropFirst(padding)
        guard rest.count >= 2 else { return false }
        if padding == 0, rest.starts(with: "--".utf8) {
            place = .epilogue
            return true
        }
        guard rest.starts(with: "\r\n".utf8) else { throw .multipart("a boundary is not alone on its line") }
        parts += 1
        guard parts <= Self.partLimit else { throw .multipart("it has more than \(Self.partLimit) parts") }
        pending.removeFirst(padding)  // the end of this line opens the headers
        place = .head
        return true
    }

    private mutating func head(_ events: inout [Event]) throws(APIError) -> Bool {
        let end = Array("\r\n\r\n".utf8), limit = min(pending.count, Self.headLimit)
        var stop = seen
        while stop + end.count <= limit, !pending[stop...].starts(with: end) { stop += 1 }
        guard stop + end.count <= limit else {
            guard pending.count < Self.headLimit else {
                throw .multipart("the headers of a part are longer than \(Self.headLimit) bytes")
            }
            seen = stop
            return false
        }
        seen = 0
        events.append(.part(try MultipartHead(pending[..<stop])))
        pending.removeFirst(stop + end.count)
        place = .content
        return true
    }
}
