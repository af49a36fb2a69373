import Foundation

/// A name that an object of a JSON text has twice. Decoders pass over it in silence, one of the two values winning.
package enum RepeatedKey {
    /// - Parameter text: JSON, as a decoder has found.
    package static func first(in text: UnsafeRawBufferPointer) -> String? {
        var open: [Set<[UInt8]>] = [], index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "{"): open.append([])
            case UInt8(ascii: "}"): _ = open.popLast()
            case UInt8(ascii: "\""):
                let end = endOfString(in: text, from: index)
                if isName(text, before: end), let last = open.indices.last {
                    let name = unescaped(text[index..<end])
                    guard open[last].insert(Array(name.utf8)).inserted else { return name }
                }
                index = end - 1
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The place behind the quotation mark that ends the string which begins here.
    private static func endOfString(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start + 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, text.count)
    }

    private static func isName(_ text: UnsafeRawBufferPointer, before end: Int) -> Bool {
        text[end...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ":")
    }

    private static func unescaped(_ string: Slice<UnsafeRawBufferPointer>) -> String {
        (try? JSONDecoder().decode(String.self, from: Data(string))) ?? String(decoding: string, as: UTF8.self)
    }
}
