/// Operations on strings as Python defines them: on Unicode scalars and bytes, never on grapheme clusters.
extension String {
    var scalarCount: Int {
        var text = self
        return text.withUTF8 { bytes in bytes.reduce(into: 0) { $0 += $1 & 0xC0 == 0x80 ? 0 : 1 } }
    }

    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    func contains(bytesOf part: String) -> Bool { firstOffset(of: part, from: 0) != nil }

    /// The byte offset of the first occurrence at or after the given one.
    func firstOffset(of part: String, from start: Int) -> Int? {
        var text = self, part = part
        return text.withUTF8 { text in part.withUTF8 { search(text, for: $0, from: start) } }
    }

    /// The bytes of that range, which must begin and end between characters.
    func slice(_ range: Range<Int>) -> String {
        if range.isEmpty { return "" }
        var text = self
        return text.withUTF8 { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }

    /// The byte offset of each scalar, and the end.
    var scalarOffsets: [Int] {
        var offsets: [Int] = []
        for (offset, byte) in utf8.enumerated() where byte & 0xC0 != 0x80 { offsets.append(offset) }
        return offsets + [utf8.count]
    }

    func trimmed(leading: Bool, trailing: Bool, where isTrimmed: (Unicode.Scalar) -> Bool) -> String {
        let scalars = unicodeScalars
        var start = scalars.startIndex
        var end = scalars.endIndex
        if leading { while start < end, isTrimmed(scalars[start]) { scalars.formIndex(after: &start) } }
        while trailing, start < end {
            let before = scalars.index(before: end)
            guard isTrimmed(scalars[before]) else { break }
            end = before
        }
        return start == scalars.startIndex && end == scalars.endIndex ? self : String(scalars[start..<end])
    }

    /// How often the part occurs, without overlap.
    func occurrences(of part: String) -> Int {
        var text = self, part = part
        return text.withUTF8 { text in
            part.withUTF8 { part in
                var (count, start) = (0, 0)
                while let match = search(text, for: part, from: start) {
                    count += 1
                    start = match + part.count
                }
                return count
            }
        }
    }

    /// Split at every occurrence of the separator, at most `limit` times.
    func pieces(separator: String, limit: Int = .max) -> [String] {
        var pieces: [String] = []
        var start = 0
        while pieces.count < limit, let match = firstOffset(of: separator, from: start) {
            pieces.append(slice(start..<match))
            start = match + separator.utf8.count
        }
        return pieces + [slice(start..<utf8.count)]
    }

    /// Split from the end, at most `limit` times.
    func piecesFromEnd(separator: String, limit: Int) -> [String] {
        let all = pieces(separator: separator)
        guard limit >= 0, all.count > limit + 1 else { return all }
        return [all.dropLast(limit).joined(separator: separator)] + all.suffix(limit)
    }

    /// Split at runs of white space, at most `limit` times; what is left keeps its inner space.
    func words(limit: Int = .max) -> [String] {
        let scalars = unicodeScalars
        var words: [String] = []
        var position = scalars.startIndex
        while true {
            while position < scalars.endIndex, scalars[position].isSpace { scalars.formIndex(after: &position) }
            guard position < scalars.endIndex else { return words }
            if words.count == limit { return words + [String(scalars[position...])] }
            let start = position
            while position < scalars.endIndex, !scalars[position].isSpace { scalars.formIndex(after: &position) }
            words.append(String(scalars[start..<position]))
        }
    }

    func replacing(bytesOf old: String, with new: String, limit: Int = .max) -> String {
        guard old.isEmpty else { return pieces(separator: old, limit: limit).joined(separator: new) }
        var result = ""
        for (index, scalar) in unicodeScalars.enumerated() {
            if index < limit { result += new }
            result.unicodeScalars.append(scalar)
        }
        return scalarCount < limit ? result + new : result
    }

    func repeated(_ count: Int) -> String { String(repeating: self, count: max(0, count)) }
}

extension Unicode.Scalar {
    var isSpace: Bool {
        if value < 0x80 { return value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value) }
        return properties.isWhitespace
    }
}

private func search(_ text: UnsafeBufferPointer<UInt8>, for part: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let first = part.first else { return start <= text.count ? start : nil }
    var position = start
    while position + part.count <= text.count {
        if text[position] == first, text[position..<(position + part.count)].elementsEqual(part) { return position }
        position += 1
    }
    return nil
}
