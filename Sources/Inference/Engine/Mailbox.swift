import Synchronization

/// Where the engine leaves a request's events and its consumer finds them. The engine never waits here.
///
/// What nobody has read yet merges: at most the scores of the prompt, one delta and the end are kept, and a delta is never longer
/// than the context. So a slow consumer costs memory in proportion to its own answer, and nobody else anything.
final class Mailbox: Sendable {
    private struct Contents {
        var promptScores: [TokenScore]?
        var text = "", tokens: [TokenScore] = []
        var end: Result<GenerationEvent, EngineError>?
        var isClosed = false
        var reader: CheckedContinuation<Void, Never>?

        var isEmpty: Bool { promptScores == nil && text.isEmpty && tokens.isEmpty && end == nil && !isClosed }

        mutating func next() throws(EngineError) -> GenerationEvent? {
            if isClosed { return nil }
            if let scores = promptScores {
                promptScores = nil
                return .promptScores(scores)
            }
            if !text.isEmpty || !tokens.isEmpty {
                defer { (text, tokens) = ("", []) }
                return .delta(text: text, tokens: tokens)
            }
            isClosed = true
            return try end?.get()
        }
    }

    private let contents = Mutex(Contents())

    func leave(promptScores: [TokenScore]) { change { $0.promptScores = promptScores } }

    func leave(_ text: String, _ tokens: [TokenScore]) {
        change {
            $0.text += text
            $0.tokens += tokens
        }
    }

    func leave(end: Result<GenerationEvent, EngineError>) { change { $0.end = $0.end ?? end } }

    /// Ends the reading, whatever is there.
    func close() { change { $0.isClosed = true } }

    func next() async throws(EngineError) -> GenerationEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { reader in wait(reader) }
        } onCancel: {
            close()
        }
        let result = contents.withLock { contents in Result { () throws(EngineError) in try contents.next() } }
        return try result.get()
    }

    private func wait(_ reader: CheckedContinuation<Void, Never>) {
        let isReady = contents.withLock { contents in
            guard contents.isEmpty else { return true }
            precondition(contents.reader == nil, "Generation: two tasks read the same generation")
            contents.reader = reader
            return false
        }
        if isReady { reader.resume() }
    }

    private func change(_ body: (inout sending Contents) -> Void) {
        let reader = contents.withLock { contents in
            body(&contents)
            defer { contents.reader = nil }
            return contents.reader
        }
        reader?.resume()
    }
}
