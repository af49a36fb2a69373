package import NIOCore
package import Text

/// Writes JSON straight into a buffer, in the order it is told.
///
/// A stream sends one small object per token; this spares it an encoder, a dictionary and a copy.
package struct JSONWriter: ~Copyable {
    private var buffer: ByteBuffer
    private var needsComma = false

    package init(_ buffer: consuming ByteBuffer = ByteBuffer()) {
        self.buffer = buffer
    }

    package consuming func finish() -> ByteBuffer {
        buffer
    }

    /// Bytes that are already what they should be: the frame of an event stream, a precomputed head.
    package mutating func raw(_ text: StaticString) {
        needsComma = false
        buffer.writeStaticString(text)
    }

    package mutating func raw(_ bytes: ByteBuffer) {
        buffer.writeImmutableBuffer(bytes)
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        nest("{", "}", members)
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        nest("[", "]", elements)
    }

    package mutating func array<S: Sequence>(_ elements: S, _ write: (inout JSONWriter, S.Element) -> Void) {
        array { writer in
            for element in elements { write(&writer, element) }
        }
    }

    private mutating func nest(_ open: StaticString, _ close: StaticString, _ content: (inout JSONWriter) -> Void) {
        separate()
        buffer.writeStaticString(open)
        needsComma = false
        content(&self)
        buffer.writeStaticString(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }
}

// MARK: Values

extension JSONWriter {
    package mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }

    package mutating func value(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
    }

    package mutating func value(_ value: Int) {
        separate()
        buffer.writeString(String(value))
    }

    /// JSON has no infinity and no NaN: they are written as `null`.
    package mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        buffer.writeString(value.description)
    }

    package mutating func value(_ value: Float) {
        guard value.isFinite else { return null() }
        separate()
        buffer.writeString(value.description)
    }

    package mutating func value(_ value: String) {
        separate()
        quote(value)
    }

    package mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let flag): self.value(flag)
        case .integer(let number): self.value(number)
        case .number(let number): self.value(number)
        case .string(let text): self.value(text)
        case .array(let elements): array(elements) { $0.value($1) }
        case .object(let members):
            object { writer in
                for (name, member) in members { writer.member(name) { $0.value(member) } }
            }
        }
    }
}

// MARK: Members

extension JSONWriter {
    package mutating func member(_ name: StaticString, _ write: (inout JSONWriter) -> Void) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
        write(&self)
        needsComma = true
    }

    package mutating func member(_ name: String, _ write: (inout JSONWriter) -> Void) {
        separate()
        quote(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
        write(&self)
        needsComma = true
    }

    package mutating func field(_ name: StaticString, _ value: String) { member(name) { $0.value(value) } }
    package mutating func field(_ name: StaticString, _ value: Int) { member(name) { $0.value(value) } }
    package mutating func field(_ name: StaticString, _ value: Double) { member(name) { $0.value(value) } }
    package mutating func field(_ name: StaticString, _ value: Bool) { member(name) { $0.value(value) } }
    package mutating func field(_ name: StaticString, _ value: JSON) { member(name) { $0.value(value) } }
    package mutating func null(_ name: StaticString) { member(name) { $0.null() } }

    package mutating func field(_ name: StaticString, _ value: Int?) {
        member(name) { writer in
            if let value { writer.value(value) } else { writer.null() }
        }
    }

    package mutating func field(_ name: StaticString, _ value: String?) {
        member(name) { writer in
            if let value { writer.value(value) } else { writer.null() }
        }
    }
}

// MARK: Strings

extension JSONWriter {
    /// Runs of harmless bytes are copied whole; only quotes, backslashes and control characters stop a run.
    private mutating func quote(_ text: String) {
        buffer.writeInteger(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for index in bytes.indices where JSONWriter.needsEscape(bytes[index]) {
                buffer.writeBytes(bytes[start..<index])
                escape(bytes[index])
                start = index + 1
            }
            buffer.writeBytes(bytes[start...])
        }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
        case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
        case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            buffer.writeStaticString("\\u00")
            buffer.writeBytes([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }
    }
}
