/// A protocol buffer's message, put together field by field, for tests of what reads them.
public struct ProtobufMessage: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public func adding(_ field: Int, _ number: Int) -> Self {
        appending(Self.varint(UInt64(field) << 3) + Self.varint(UInt64(bitPattern: Int64(number))))
    }

    public func adding(_ field: Int, _ number: Float) -> Self {
        appending(Self.varint(UInt64(field) << 3 | 5) + (0..<4).map { UInt8(number.bitPattern >> (8 * $0) & 0xFF) })
    }

    public func adding(_ field: Int, _ text: String) -> Self { adding(field, Array(text.utf8)) }

    public func adding(_ field: Int, _ message: Self) -> Self { adding(field, message.bytes) }

    public func adding(_ field: Int, _ content: [UInt8]) -> Self {
        appending(Self.varint(UInt64(field) << 3 | 2) + Self.varint(UInt64(content.count)) + content)
    }

    /// Bytes as they are, sound or not.
    public func appending(_ more: [UInt8]) -> Self {
        var copy = self
        copy.bytes += more
        return copy
    }

    private static func varint(_ number: UInt64) -> [UInt8] {
        number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7F | 0x80)] + varint(number >> 7)
    }
}

extension ProtobufMessage {
    /// SentencePiece's file of a unigram model: the unknown token, BOS, EOS, and pieces with falling scores.
    public static func unigram(_ pieces: [String]) -> Self {
        let special = [("<unk>", 2), ("<s>", 3), ("</s>", 3)].reduce(Self()) { file, piece in
            file.adding(1, Self().adding(1, piece.0).adding(3, piece.1))
        }
        return pieces.enumerated().reduce(special) { file, piece in
            file.adding(1, Self().adding(1, piece.element).adding(2, -Float(piece.offset)))
        }
    }
}
