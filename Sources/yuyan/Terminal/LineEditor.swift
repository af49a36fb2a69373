import Foundation

/// Reads what a person types, with editing, history and several lines, from a terminal in raw mode.
struct LineEditor {
    enum Line: Equatable {
        case text(String), interrupted, ended
    }

    private let prompt: String
    private var history: [String]
    private let historyFile: String?
    private static let mostHistory = 1000

    /// - Parameter historyFile: where lines are kept between sessions; nil keeps none.
    init(prompt: String, historyFile: String? = nil) {
        (self.prompt, self.historyFile) = (prompt, historyFile)
        let kept = historyFile.flatMap { try? Data(contentsOf: URL(filePath: $0)) }
        history = kept.flatMap { try? JSONDecoder().decode([String].self, from: $0) } ?? []
    }

    /// Waits for a line; plain lines where no terminal is.
    mutating func read() -> Line {
        guard Terminal.inputIsTerminal, Terminal.outputIsTerminal else {
            return readLine().map { .text($0) } ?? .ended
        }
        guard let mode = TerminalMode.raw() else { return readLine().map { .text($0) } ?? .ended }
        defer { mode.end() }
        let line = edit()
        if case .text(let text) = line { remember(text) }
        return line
    }

    private func edit() -> Line {
        var buffer = LineBuffer(history: history), parser = KeyParser(), view = LineView(prompt: prompt)
        view.show(buffer)
        while let byte = nextByte() {
            for key in parser.take(byte) {
                let outcome = buffer.apply(key)
                switch outcome {
                case .editing: view.show(buffer)
                case .cleared: view.clearScreen(buffer)
                case .submitted, .interrupted, .ended:
                    view.finish(buffer)
                    return outcome == .submitted ? .text(buffer.string) : outcome == .ended ? .ended : .interrupted
                }
            }
        }
        return .ended
    }

    private func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = Foundation.read(STDIN_FILENO, &byte, 1)
            if count == 1 { return byte }
            if count < 0 && errno == EINTR { continue }
            return nil
        }
    }

    private mutating func remember(_ line: String) {
        guard !line.isEmpty, history.last != line else { return }
        history = (history + [line]).suffix(Self.mostHistory)
        guard let historyFile, let data = try? JSONEncoder().encode(history) else { return }
        try? FileManager.default.createDirectory(
            at: URL(filePath: historyFile).deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        // A history that cannot be kept is no reason to stop a conversation.
        try? data.write(to: URL(filePath: historyFile), options: .atomic)
        // What somebody said is theirs alone.
        try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: historyFile)
    }
}

/// Draws a buffer, over as many rows as it needs, and keeps the cursor in its place.
private struct LineView {
    let prompt: String
    private var cursorRow = 0

    init(prompt: String) { self.prompt = prompt }

    mutating func show(_ buffer: LineBuffer) {
        let columns = max(Terminal.columns, 10)
        let before = place(prompt + String(buffer.text[..<buffer.cursor]).harmless, columns)
        let all = place(prompt + buffer.string.harmless, columns)
        var output = cursorRow > 0 ? "\u{1B}[\(cursorRow)A" : ""
        output += "\r\u{1B}[J" + prompt + buffer.string.harmless.replacing("\n", with: "\r\n")
        if all.column == 0 && all.row > 0 && !buffer.string.hasSuffix("\n") { output += "\r\n" }
        if all.row > before.row { output += "\u{1B}[\(all.row - before.row)A" }
        output += "\r" + (before.column > 0 ? "\u{1B}[\(before.column)C" : "")
        cursorRow = before.row
        Terminal.write(output)
    }

    mutating func clearScreen(_ buffer: LineBuffer) {
        Terminal.write("\u{1B}[H\u{1B}[2J")
        cursorRow = 0
        show(buffer)
    }

    /// Leaves the text on the screen and goes below it.
    mutating func finish(_ buffer: LineBuffer) {
        let end = place(prompt + buffer.string.harmless, max(Terminal.columns, 10)).row
        Terminal.write((end > cursorRow ? "\u{1B}[\(end - cursorRow)B" : "") + "\r\n")
    }

    private func place(_ text: String, _ columns: Int) -> (row: Int, column: Int) {
        var row = 0, column = 0
        for character in text {
            if character == "\n" {
                (row, column) = (row + 1, 0)
                continue
            }
            let width = character.columns
            if column + width > columns { (row, column) = (row + 1, 0) }
            column += width
            if column == columns { (row, column) = (row + 1, 0) }
        }
        return (row, column)
    }
}
