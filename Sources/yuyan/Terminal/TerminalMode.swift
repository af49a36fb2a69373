import Foundation

/// The terminal in another mode until ``end()``. Whoever ends the process meanwhile leaves it as it was.
struct TerminalMode {
    private var before = termios()
    private var farewells: [Interruption] = []
    /// What ends the mode, for the terminal itself.
    private let closing: String

    /// Key by key, without echo, with bracketed paste.
    static func raw() -> TerminalMode? {
        TerminalMode(opening: "\u{1B}[?2004h", closing: "\u{1B}[?2004l") { mode in
            cfmakeraw(&mode)
            mode.c_oflag |= tcflag_t(OPOST)
        }
    }

    /// Without echo: what is typed meanwhile waits for the next line and does not mix with what is written.
    static func quiet() -> TerminalMode? {
        guard Terminal.inputIsTerminal else { return nil }
        return TerminalMode(opening: "", closing: "") { $0.c_lflag &= ~tcflag_t(ECHO) }
    }

    private init?(opening: String, closing: String, _ change: (inout termios) -> Void) {
        self.closing = closing
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        farewells = [SIGTERM, SIGHUP].map(farewell)
        var mode = before
        change(&mode)
        guard tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == 0 else {
            for farewell in farewells { farewell.end() }
            return nil
        }
        if !opening.isEmpty { Terminal.write(opening) }
    }

    func end() {
        restore()
        for farewell in farewells { farewell.end() }
    }

    private func restore() {
        if !closing.isEmpty { Terminal.mention(closing, terminator: "") }
        var mode = before
        tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
    }

    private func farewell(_ number: Int32) -> Interruption {
        Interruption(number) { [self] in
            restore()
            _exit(128 + number)
        }
    }
}
