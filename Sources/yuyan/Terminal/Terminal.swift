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

    /// Writes at once, however the output is buffered. Ends the process where nobody reads it any more, as in
    /// `yuyan list | head -1`, or where it cannot be kept: an answer on a full disk is no success.
    static func write(_ text: String) {
        let code = put(text, to: STDOUT_FILENO)
        if code == 0 { return }
        if code == EPIPE { exit(0) }
        complain("yuyan: the output cannot be written: \(String(cString: strerror(code)))")
        exit(ExitStatus.failed)
    }

    /// Writes what a model says. On a terminal its control characters are shown, not obeyed; elsewhere it is left as it is.
    static func relay(_ text: String) { write(outputIsTerminal ? text.harmless : text) }

    /// What nothing depends on, on standard output.
    static func mention(_ text: String, terminator: String = "\n") { _ = put(text + terminator, to: STDOUT_FILENO) }

    /// A line on standard error. Where that cannot be written there is nobody to tell.
    static func complain(_ line: String) { _ = put(line.harmless + "\n", to: STDERR_FILENO) }

    /// All of standard input. Bytes that are no UTF-8 are read as U+FFFD, and that is said.
    static func input() -> String {
        let data = FileHandle.standardInput.readDataToEndOfFile()
        if let text = String(validating: data, as: UTF8.self) { return text }
        complain("yuyan: standard input is not all UTF-8; \u{FFFD} stands for the rest, and iconv -t UTF-8 converts it")
        return String(decoding: data, as: UTF8.self)
    }

    /// What redraws itself on a terminal at standard error.
    static func draw(_ text: String) { _ = put(text, to: STDERR_FILENO) }

    /// Returns 0, or the system's reason why not all of it was written.
    private static func put(_ text: String, to file: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? errno : EIO }
            bytes = bytes.dropFirst(written)
        }
        return 0
    }
}

extension String {
    /// With control characters other than tabs and ends of lines as the pictures that Unicode has for them (U+2400 to U+2421),
    /// so that a text can neither move the cursor nor command the terminal.
    package var harmless: String {
        guard unicodeScalars.contains(where: \.isCommand) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isCommand ? $0.picture : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isCommand: Bool { properties.generalCategory == .control && self != "\n" && self != "\t" }

    fileprivate var picture: Unicode.Scalar {
        switch value {
        case 0..<32: Unicode.Scalar(0x2400 + value)!
        case 127: "\u{2421}"
        default: "\u{FFFD}"
        }
    }
}
