/// The identities of what is kept: a kind, and letters that nobody guesses.
enum Identity {
    /// As `file-0123456789abcdef01234567`.
    static func fresh(_ kind: String) -> String { "\(kind)-\(RequestID.fresh(24))" }
}
