/// What can be wrong with a tokenizer that a file describes.
public enum TokenizerError: Error, Hashable {
    case unknownModel(String, known: [String])
    case unknownPreTokenizer(String, known: [String])
    case unknownTokenKind(Int, token: Int)
    case emptyVocabulary
    case vocabularyTooLarge(Int)
    case mismatchedCounts(field: String, expected: Int, found: Int)
    case missing(field: String, model: String)
    case malformedMerge(String, rank: Int)
    case mergeOutsideVocabulary(String, rank: Int)
    case tokenOutsideVocabulary(role: String, id: Int, count: Int)
    /// A `tokenizer.json` asks for something that is not here.
    case unsupported(field: String, value: String, supported: String)
    case sharedID(Int, String, String)
    case missingID(Int)
    case repeatedToken(String, Int, Int)
    /// The file is not what its format has.
    case damaged(String)
}

extension TokenizerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownModel(let name, let known):
            "the tokenizer model '\(name)' is not known here; known are \(known.joined(separator: ", "))"
        case .unknownPreTokenizer(let name, let known):
            "the pre-tokenizer '\(name)' is not known here; known are \(known.joined(separator: ", ")). "
                + "Splitting words in another way would give other tokens, so nothing was guessed"
        case .unknownTokenKind(let kind, let token):
            "token \(token) has the type \(kind); the types are 1 to 6"
        case .emptyVocabulary:
            "the tokenizer's vocabulary is empty"
        case .vocabularyTooLarge(let count):
            "the tokenizer has \(count) tokens; at most \(TokenizerSpecification.maximumCount) are supported"
        case .mismatchedCounts(let field, let expected, let found):
            "the tokenizer has \(expected) tokens but \(found) \(field); the file is damaged or badly converted"
        case .missing(let field, let model):
            "a tokenizer of the model '\(model)' needs \(field), and the file has none"
        case .malformedMerge(let merge, let rank):
            "merge \(rank), '\(merge)', is not two tokens with a space between"
        case .mergeOutsideVocabulary(let merge, let rank):
            "merge \(rank), '\(merge)', names or makes a token that is not in the vocabulary"
        case .tokenOutsideVocabulary(let role, let id, let count):
            "the \(role) token is \(id), but the vocabulary has \(count) tokens"
        case .unsupported(let field, let value, let supported):
            "'\(field)' of the tokenizer is \(value); supported is \(supported). Leaving it out would give other tokens, "
                + "so the file is refused"
        case .sharedID(let id, let token, let other):
            "the tokens '\(token)' and '\(other)' both have the id \(id); the file is damaged or badly converted"
        case .missingID(let id):
            "no token has the id \(id), though higher ones are taken; the file is damaged or badly converted"
        case .repeatedToken(let token, let first, let second):
            "the ids \(first) and \(second) are both spelled '\(token)', which a tokenizer.json cannot say"
        case .damaged(let problem):
            "the tokenizer's file is damaged: \(problem); fetch it again"
        }
    }
}
