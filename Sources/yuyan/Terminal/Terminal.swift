import Foundation

/// Standard output and error, and whether a person is looking at them.
enum Terminal {
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1

    /// Columns of the terminal on standard error.
    static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Writes at once, however the output is buffered.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// A line on standard error.
    static func complain(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    static func write(_ text: String, to file: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return leaveQuietly() }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Whoever read our output has gone, as in `yuyan list | head -1`: there is nobody to tell.
    private static func leaveQuietly() { exit(0) }
}
