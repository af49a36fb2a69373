extension Array<UInt8> {
    /// Where a marker begins, or a part of it at the end that may become one.
    func place(of marker: [UInt8], _ isLast: Bool) -> (end: Int, isWhole: Bool) {
        guard !marker.isEmpty else { return (count, false) }
        if let place = firstRange(of: marker) { return (place.lowerBound, true) }
        guard !isLast else { return (count, false) }
        let longest = (0..<Swift.min(marker.count, count + 1)).last { suffix($0).elementsEqual(marker.prefix($0)) } ?? 0
        return (count - longest, false)
    }

    enum Match {
        case no, beginning
        case whole(Int)
    }

    /// Whether it begins with a piece, or may when it is longer.
    func match(_ piece: CallForm.Piece?) -> Match {
        guard let piece else { return .no }
        guard starts(with: piece.before.utf8) else { return piece.before.utf8.starts(with: self) ? .beginning : .no }
        guard let after = piece.after else { return .whole(piece.before.utf8.count) }
        let start = piece.before.utf8.count + CallForm.Piece.idLength
        let rest = dropFirst(start)
        if rest.starts(with: after.utf8) { return .whole(start + after.utf8.count) }
        return after.utf8.starts(with: rest) ? .beginning : .no
    }
}

extension ArraySlice<UInt8> {
    /// True if it begins so, false if it may yet; nil if not.
    func begins(with text: String, _ isLast: Bool) -> Bool? {
        if starts(with: text.utf8) { return true }
        return !isLast && text.utf8.starts(with: self) && !isEmpty ? false : nil
    }

    func begins(withOneOf texts: [String], _ isLast: Bool) -> Bool? {
        let found = texts.compactMap { begins(with: $0, isLast) }
        return found.isEmpty ? nil : found.contains(true)
    }
}

extension UInt8 {
    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
