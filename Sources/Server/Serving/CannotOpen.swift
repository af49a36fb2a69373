import HTTPTypes

/// A model that was asked for and cannot be opened. That is not remembered: whoever comes next tries again.
package struct CannotOpen: Error, CustomStringConvertible {
    package let name: String
    /// What those who read its files say.
    package let cause: any Error

    /// Refusals and the end of a task stay what they are.
    static func telling(_ error: any Error, of name: String) -> any Error {
        error is APIError || error is CancellationError || error is CannotOpen
            ? error : CannotOpen(name: name, cause: error)
    }

    /// As the log has it.
    package var description: String { "the model '\(name)' cannot be opened: \(cause)" }
}

extension APIError {
    package init(_ error: CannotOpen) {
        self.init(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(error.name)' cannot be opened: \(error.cause). ".withoutFolders
                + "When its files are mended, or pulled again, the next request opens it.",
            param: "model",
            code: "model_cannot_be_opened",
            headers: Self.inVain
        )
    }
}

extension String {
    /// The same text with the last name alone of each absolute path: where the server's files lie is no client's business.
    var withoutFolders: String {
        split(separator: " ", omittingEmptySubsequences: false).map { word in
            let quote = word.prefix { "'\"“‘(".contains($0) }, path = word.dropFirst(quote.count)
            guard path.hasPrefix("/"), let name = path.split(separator: "/").last else { return String(word) }
            return "\(quote)\(name)"
        }.joined(separator: " ")
    }
}
