import Foundation

/// What the trainers of tokenizers have in common.
public enum TokenizerTraining {
    /// How far a training is.
    public enum Progress: Sendable, Hashable {
        /// So many bytes of text were handed out for counting.
        case reading(bytes: Int)
        /// So many of the tokens are there.
        case merging(tokens: Int, of: Int)
        /// So many pieces are left; the training ends below the second number.
        case pruning(pieces: Int, to: Int)
    }

    public static var defaultThreads: Int { ProcessInfo.processInfo.activeProcessorCount }

    static func check(_ specialTokens: [String]) throws {
        var seen: Set<ExactString> = []
        for token in specialTokens {
            guard !token.isEmpty else { throw TokenizerTrainingError.emptySpecialToken }
            guard seen.insert(ExactString(token)).inserted else {
                throw TokenizerTrainingError.repeatedSpecialToken(token)
            }
        }
    }
}

/// Why a tokenizer cannot be trained.
public enum TokenizerTrainingError: Error, Hashable, Sendable {
    case noText
    case vocabularyTooSmall(Int, needed: Int)
    case emptySpecialToken
    case repeatedSpecialToken(String)
}

extension TokenizerTrainingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noText: "there is no text to learn a tokenizer from; the corpus is empty"
        case .vocabularyTooSmall(let size, let needed):
            "a vocabulary of \(size) tokens is too small: special tokens and the alphabet alone are \(needed)"
        case .emptySpecialToken: "a special token is empty; each needs a spelling"
        case .repeatedSpecialToken(let token): "the special token '\(token)' is listed twice"
        }
    }
}
