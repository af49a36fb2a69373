import Text

/// The words of some files, a document or a message at a time, as a tokenizer learns from them.
///
/// Rows that cannot be read are left out here; the preparation of the same files tells of them.
public final class TrainingText: Sequence, IteratorProtocol {
    private let examples: ExampleReader
    private var texts: [String] = []

    public init(_ sources: [DataSource]) { examples = ExampleReader(sources) }

    /// Why it ended early, if it did.
    public var error: (any Error)? { examples.error }

    public func next() -> String? {
        while texts.isEmpty {
            guard let example = examples.next() else { return nil }
            texts = example.texts.filter { !$0.isEmpty }
        }
        return texts.removeFirst()
    }
}

extension Example {
    fileprivate var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .conversation(let chat): chat.messages.compactMap { $0.content?.text }
        case .preference(let pair):
            (pair.prompt.messages + pair.chosen + pair.rejected).compactMap { $0.content?.text }
        }
    }
}
