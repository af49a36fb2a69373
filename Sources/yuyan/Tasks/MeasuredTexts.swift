import Foundation
import Inference
import Text
import Training

extension DataSource {
    /// A file that is read as text where its name does not tell otherwise.
    init(reading path: String) throws(DataError) {
        let url = URL(filePath: path)
        try self.init(url, format: DataFormat(fileName: url.lastPathComponent) ?? .text(.whole))
    }
}

/// The texts of some files as a model reads them, counted on the way.
///
/// A document counts with its end. Of a conversation only what the assistant says is scored, as in training.
final class MeasuredTexts: Sequence, IteratorProtocol {
    private(set) var characters = 0, bytes = 0
    private let examples: ExampleReader, encoder: ExampleEncoder
    private var documents: [TokenizedDocument] = []
    private var problem: (any Error)?

    init(_ sources: [DataSource], _ tokenizer: Tokenizer, _ template: ChatTemplate?) {
        examples = ExampleReader(sources)
        encoder = ExampleEncoder(tokenizer, template)
    }

    /// Why it ended early, if it did.
    var error: (any Error)? { problem ?? examples.error }
    /// Rows left out, and what is wrong with the first.
    var rejected: (count: Int, first: String?) { (examples.rejected, examples.firstProblem) }

    func next() -> ScoredDocument? {
        while documents.isEmpty {
            guard problem == nil, let example = examples.next() else { return nil }
            do { try read(example) } catch { problem = error }
        }
        let document = documents.removeFirst()
        return ScoredDocument(document.tokens, isScored: document.isLearnt)
    }

    private func read(_ example: Example) throws {
        do { documents = try encoder.documents(example) } catch { throw BadInput("a row cannot be scored: \(error)") }
        let texts = try example.scoredTexts
        characters += texts.reduce(0) { $0 + $1.unicodeScalars.count }
        bytes += texts.reduce(0) { $0 + $1.utf8.count }
    }
}

extension Example {
    fileprivate var scoredTexts: [String] {
        get throws {
            switch self {
            case .text(let text): return [text]
            case .conversation(let chat):
                let answers = chat.messages.indices.filter {
                    chat.messages[$0].role == .assistant && !chat.unlearnt.contains($0)
                }
                return answers.compactMap { chat.messages[$0].content?.text }
            case .preference:
                throw BadInput("preferences have two texts a row: name a file of texts or conversations")
            }
        }
    }
}
