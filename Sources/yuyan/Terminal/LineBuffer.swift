/// The text that is being edited, and where in it the cursor stands. A value: it knows no terminal.
package struct LineBuffer: Equatable {
    package enum Outcome: Equatable {
        case editing, submitted, interrupted, ended, cleared
    }

    package private(set) var text: [Character] = []
    package private(set) var cursor = 0
    private let history: [String]
    private var place: Int
    /// What was being written before the history was looked through.
    private var draft: [Character] = []

    package init(history: [String] = []) { (self.history, place) = (history, history.count) }

    package var string: String { String(text) }

    package mutating func apply(_ key: Key) -> Outcome {
        switch key {
        case .character(let character): insert([character])
        case .paste(let text): insert(Array(text))
        case .newline: insert(["\n"])
        case .tab: insert(["\t"])
        case .enter: return enter()
        case .interrupt: return .interrupted
        case .endOfInput:
            if text.isEmpty { return .ended }
            remove(cursor..<min(cursor + 1, text.count))
        case .clearScreen: return .cleared
        case .up, .down: moveVertically(key == .up ? -1 : 1)
        case .backspace, .delete, .killLine, .killWord, .killToEnd: erase(key)
        default: move(key)
        }
        return .editing
    }

    /// Enter submits, but after a backslash it begins a new line.
    private mutating func enter() -> Outcome {
        guard cursor == text.count, text.last == "\\" else { return .submitted }
        text[text.count - 1] = "\n"
        return .editing
    }

    /// Keys come one code point each; what belongs together (an emoji with its skin, a flag) becomes one character again.
    private mutating func insert(_ characters: [Character]) {
        let before = String(text[..<cursor] + characters)
        text = Array(before + String(text[cursor...]))
        cursor = min(before.count, text.count)
    }

    private mutating func remove(_ range: Range<Int>) {
        text.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func erase(_ key: Key) {
        switch key {
        case .backspace: remove(max(0, cursor - 1)..<cursor)
        case .delete: remove(cursor..<min(cursor + 1, text.count))
        case .killLine: remove(lineStart..<cursor)
        case .killWord: remove(wordStart..<cursor)
        default: remove(cursor..<lineEnd)
        }
    }

    private mutating func move(_ key: Key) {
        switch key {
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home: cursor = lineStart
        case .end: cursor = lineEnd
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        default: break
        }
    }

    private var lineStart: Int { (text[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
    private var lineEnd: Int { text[cursor...].firstIndex(of: "\n") ?? text.count }
    private var wordStart: Int {
        let end = text[..<cursor].lastIndex { !$0.isWhitespace } ?? 0
        return (text[..<end].lastIndex(where: \.isWhitespace) ?? -1) + 1
    }
    private var wordEnd: Int {
        let start = text[cursor...].firstIndex { !$0.isWhitespace } ?? text.count
        return text[start...].firstIndex(where: \.isWhitespace) ?? text.count
    }

    /// Up and down move between lines, and from the first or last line into the history.
    private mutating func moveVertically(_ step: Int) {
        let column = cursor - lineStart
        if step < 0, lineStart > 0 {
            let previous = (text[..<(lineStart - 1)].lastIndex(of: "\n") ?? -1) + 1
            cursor = min(previous + column, lineStart - 1)
        } else if step > 0, lineEnd < text.count {
            let next = lineEnd + 1, end = text[next...].firstIndex(of: "\n") ?? text.count
            cursor = min(next + column, end)
        } else {
            recall(place + step)
        }
    }

    private mutating func recall(_ new: Int) {
        guard new >= 0, new <= history.count, new != place else { return }
        if place == history.count { draft = text }
        place = new
        text = new == history.count ? draft : Array(history[new])
        cursor = text.count
    }
}
