import Checkpoints
import Foundation
public import Text

/// A conversation with its keys and values, as it is kept in a file: nothing of it need be read again.
///
/// The file has eight letters, the length of a header of JSON, the header, tokens as 32-bit integers, the blocks of the cache, all
/// little-endian; and at its end the SHA-256 of all that, as 64 letters.
public struct Session: Sendable, Hashable {
    /// What tells the weights from others.
    public var identity: String
    public var layout: CacheLayout
    public var text: CachedText
    /// The conversation so far; empty where only the cache was saved.
    public var messages: [Message]
    /// What the model was called; nil where that was not said.
    public var model: String?

    public init(
        identity: String,
        layout: CacheLayout,
        text: CachedText,
        messages: [Message] = [],
        model: String? = nil
    ) {
        (self.identity, self.layout, self.text) = (identity, layout, text)
        (self.messages, self.model) = (messages, model)
    }

    private static let magic = Array("YUYANSE1".utf8), digestBytes = 64, mostHeader = 64 << 20
}

// MARK: Writing

extension Session {
    /// Writes the file anew; whoever reads meanwhile sees the old one or the new one, whole.
    public func write(to path: String) throws(SessionError) {
        let part = path + ".\(UUID().uuidString).part"
        defer { unlink(part) }
        do {
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            guard FileManager.default.createFile(atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]),
                let file = FileHandle(forWritingAtPath: part)
            else { throw SessionError.system(path: path, reason: "it cannot be written") }
            defer { try? file.close() }
            try file.write(contentsOf: head)
            for block in text.blocks { try file.write(contentsOf: block) }
            try file.write(contentsOf: Array(sha256(ofFile: part).utf8))
            try file.synchronize()
            guard rename(part, path) == 0 else { throw SessionError.system(path: path, reason: "it cannot be written") }
        } catch let error as SessionError {
            throw error
        } catch {
            throw .system(path: path, reason: "it cannot be written: \(error.localizedDescription)")
        }
    }

    private var head: [UInt8] {
        let header = Array(json.text().utf8)
        var bytes = Self.magic
        withUnsafeBytes(of: UInt32(header.count).littleEndian) { bytes += $0 }
        bytes += header
        for token in text.tokens { withUnsafeBytes(of: token.littleEndian) { bytes += $0 } }
        return bytes
    }

    private var json: JSON {
        [
            "model": model.map(JSON.string) ?? .null, "identity": .string(identity),
            "tokens": .integer(text.tokens.count),
            "cache": [
                "type": .string(layout.type), "layers": .integer(layout.layers), "kv_heads": .integer(layout.kvHeads),
                "head_width": .integer(layout.headWidth), "block_bytes": .integer(layout.blockBytes),
            ],
            "messages": .array(messages.map(\.json)),
        ]
    }
}

// MARK: Reading

extension Session {
    /// Reads a file. Every length is checked before it is believed, and the whole against its SHA-256.
    public init(path: String) throws(SessionError) {
        func damaged(_ reason: String) -> SessionError { .damaged(path: path, reason: reason) }
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) } catch {
            throw .system(path: path, reason: "it cannot be read")
        }
        let start = Self.magic.count + 4
        guard data.count >= start + Self.digestBytes, data.prefix(Self.magic.count).elementsEqual(Self.magic) else {
            throw damaged("it does not begin as one")
        }
        let length = (0..<4).reduce(0) { $0 | Int(data[Self.magic.count + $1]) << (8 * $1) }
        guard length <= Self.mostHeader, length <= data.count - start - Self.digestBytes else {
            throw damaged("its header is cut short")
        }
        let end = data.count - Self.digestBytes
        guard sha256(of: data[..<end]).utf8.elementsEqual(data[end...]) else {
            throw damaged("its SHA-256 is not the one at its end; it was cut short or changed")
        }
        let count: Int
        do throws(JSONError) {
            let header = JSONField(try JSON(parsing: data[start..<start + length]))
            model = try header["model"].optional?.string
            identity = try header["identity"].string
            layout = try CacheLayout(header["cache"])
            count = try header["tokens"].integer(in: 0...(1 << 32))
            var messages: [Message] = []
            for field in try header["messages"].elements { messages.append(try Message(field)) }
            self.messages = messages
        } catch {
            throw damaged("its header says: \(error)")
        }
        let body = data[(start + length)..<end], blocks = count / Blocks.size
        let (bytes, overflows) = blocks.multipliedReportingOverflow(by: layout.blockBytes)
        guard count % Blocks.size == 0, !overflows, body.count - count * 4 == bytes else {
            throw damaged(
                "it has \(body.count) bytes for \(count) tokens of \(layout.blockBytes) bytes for each \(Blocks.size)"
            )
        }
        text = CachedText(body, tokens: count, blockBytes: layout.blockBytes)
    }

    /// What a file says of itself, which is not checked against its SHA-256: of what model it is, and how many tokens it has.
    static func about(path: String) -> (model: String?, tokens: Int)? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        guard let start = try? file.read(upToCount: magic.count + 4), start.count == magic.count + 4,
            start.starts(with: magic)
        else { return nil }
        let length = start.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= mostHeader, let text = try? file.read(upToCount: length), let json = try? JSON(parsing: text),
            let tokens = json["tokens"]?.integer
        else { return nil }
        return (json["model"]?.string, tokens)
    }

    /// Throws where it is not of that model.
    public func check(_ identity: String?, _ layout: CacheLayout?, path: String) throws(SessionError) {
        guard identity == self.identity else { throw .otherModel(path: path, reason: "its weights are not these") }
        guard layout == self.layout else {
            let kind = "\(self.layout.type), \(self.layout.layers) layers, \(self.layout.blockBytes) bytes a block"
            throw .otherModel(path: path, reason: "its cache is of another kind (\(kind))")
        }
    }
}

extension CacheLayout {
    fileprivate init(_ field: JSONField) throws(JSONError) {
        self.init(
            type: try field["type"].string,
            layers: try field["layers"].integer(in: 1...(1 << 20)),
            kvHeads: try field["kv_heads"].integer(in: 1...(1 << 20)),
            headWidth: try field["head_width"].integer(in: 1...(1 << 20)),
            blockBytes: try field["block_bytes"].integer(in: 1...(1 << 40))
        )
    }
}

extension CachedText {
    fileprivate init(_ body: Data, tokens count: Int, blockBytes: Int) {
        let start = body.startIndex, blocks = start + count * 4
        self.init(
            tokens: (0..<count).map { index in
                let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(body[start + index * 4 + $1]) << (8 * UInt32($1)) }
                return Int32(bitPattern: bits)
            },
            blocks: (0..<count / Blocks.size).map { index in
                Array(body[(blocks + index * blockBytes)..<(blocks + (index + 1) * blockBytes)])
            }
        )
    }
}
