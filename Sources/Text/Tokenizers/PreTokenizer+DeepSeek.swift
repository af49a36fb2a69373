extension UTF8Text {
    /// DeepSeek-V3: numbers of three digits and runs of ``isHan(_:)`` are cut out first, and each stretch between by
    /// ``piece(from:)``; what nothing there matches is a word up to the next that something does.
    func deepSeek3Word(from start: Int) -> Int {
        let first = scalar(at: start)
        if ScalarClasses.numbers.contains(first.kind) { return numbers(after: first.end, atMost: 2) }
        if isHan(start) {
            var index = first.end
            while isHan(index) { index = scalar(at: index).end }
            return index
        }
        if let end = piece(from: start) { return end }
        var index = first.end
        while !isCut(index), piece(from: index) == nil { index = scalar(at: index).end }
        return index
    }

    /// `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    private func piece(from start: Int) -> Int? {
        let first = scalar(at: start), second = isCut(first.end) ? nil : scalar(at: first.end)
        if self[start] < 0x80, ScalarClasses.punctuation.contains(first.kind) {
            var end = start + 1
            while end < count, isLatin(end) { end += 1 }
            if end > start + 1 { return end }
        }
        let isPrefix = !isNewline(start) && !ScalarClasses.letters.union(.punctuation).contains(first.kind)
        if isPrefix, let second, ScalarClasses.spoken.contains(second.kind) { return run(.spoken, from: first.end) }
        if ScalarClasses.spoken.contains(first.kind) { return run(.spoken, from: start) }
        if ScalarClasses.punctuation.contains(first.kind) { return newlines(from: run(.punctuation, from: start)) }
        if self[start] == UInt8(ascii: " "), let second, ScalarClasses.punctuation.contains(second.kind) {
            return newlines(from: run(.punctuation, from: first.end))
        }
        return ScalarClasses.spaces.contains(first.kind) ? gap(from: start, first) : nil
    }

    /// Spaces: up to the last end of a line, or all but the one that the next word begins with.
    private func gap(from start: Int, _ first: Scalar) -> Int {
        let end = skip(.spaces, from: first.end)
        if let last = (start..<end).last(where: isNewline) { return last + 1 }
        guard !isCut(end), end > first.end else { return end }
        var last = end - 1
        while self[last] & 0xC0 == 0x80 { last -= 1 }
        return last
    }

    private func run(_ set: ScalarClasses, from start: Int) -> Int {
        var index = start
        while !isCut(index) {
            let next = scalar(at: index)
            guard set.contains(next.kind) else { break }
            index = next.end
        }
        return index
    }

    /// Whether a stretch ends before this index.
    private func isCut(_ index: Int) -> Bool {
        index >= count || ScalarClasses.numbers.contains(scalar(at: index).kind) || isHan(index)
    }

    /// `[一-龥\u3040-ゟ゠-ヿ]`
    private func isHan(_ index: Int) -> Bool {
        guard index < count, self[index] >= 0xE3, let value = decode(at: index)?.value else { return false }
        return 0x4E00...0x9FA5 ~= value || 0x3040...0x30FF ~= value
    }

    private func isLatin(_ index: Int) -> Bool { 0x61...0x7A ~= self[index] | 0x20 }
}
