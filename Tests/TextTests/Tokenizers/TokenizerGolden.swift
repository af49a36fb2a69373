import Foundation
import Testing
import Text

/// What `scripts/golden.py tokenizers` wrote: strings, vocabularies, and the ids of the reference libraries.
enum TokenizerGolden {
    struct Strings: Decodable {
        let texts: [String], bytes: [String]
    }

    struct Vocabulary: Decodable {
        let tokens: [String], token_type: [Int], merges: [String]?, scores: [Float]?
    }

    struct IDs: Decodable {
        let ids: [[Int]], plain: [String: [Int]], bytes: [[Int]]
    }

    static let strings: Strings = load("strings")
    static let texts = strings.texts
    static let bytes = strings.bytes.map { hex in
        stride(from: 0, to: hex.utf8.count, by: 2).map { index in
            UInt8(hex.dropFirst(index).prefix(2), radix: 16)!
        }
    }

    static func load<Value: Decodable>(_ name: String) -> Value {
        let folder = URL(filePath: #filePath).appending(path: "../../../Golden/Text").standardized
        let data = try! Data(contentsOf: folder.appending(path: "tokenizer-\(name).json"))
        return try! JSONDecoder().decode(Value.self, from: data)
    }

    static func byteLevel(_ pre: String) -> Tokenizer {
        let vocabulary: Vocabulary = load("small-bpe")
        return try! Tokenizer(
            TokenizerSpecification(
                gguf: "gpt2",
                pre: pre,
                tokens: vocabulary.tokens,
                tokenTypes: vocabulary.token_type,
                merges: vocabulary.merges
            )
        )
    }

    static func sentencePiece(spacePrefix: Bool = false) -> Tokenizer {
        let vocabulary: Vocabulary = load("small-spm")
        return try! Tokenizer(
            TokenizerSpecification(
                gguf: "llama",
                pre: nil,
                tokens: vocabulary.tokens,
                scores: vocabulary.scores,
                tokenTypes: vocabulary.token_type,
                bos: vocabulary.tokens.firstIndex(of: "<bos>"),
                eos: vocabulary.tokens.firstIndex(of: "<eos>"),
                addSpacePrefix: spacePrefix
            )
        )
    }

    /// Every family with its cut-down vocabulary and the name of its ids.
    static let families: [Family] =
        PreTokenizer.allCases.map { Family("small-bpe.\($0.rawValue)", byteLevel($0.rawValue)) }
        + [Family("small-spm.gemma", sentencePiece())]

    struct Family: CustomTestStringConvertible, Sendable {
        let name: String, tokenizer: Tokenizer
        var testDescription: String { name }

        init(_ name: String, _ tokenizer: Tokenizer) { (self.name, self.tokenizer) = (name, tokenizer) }
    }
}
