import Foundation
import Testing
import Text

/// What `scripts/golden.py tokenizer_training` wrote: tokenizers of the reference library, and its ids.
struct TrainingGolden: CustomTestStringConvertible, Sendable {
    let name: String
    let root: JSON
    var testDescription: String { name }

    static let bytePairs = ["bpe-qwen2", "bpe-gpt-2", "bpe-smollm", "bpe-llama-bpe"].map(Self.init)
    static let all =
        bytePairs
        + ["marked-gemma", "marked-llama2", "marked-metaspace", "unigram-always", "unigram-never"].map(Self.init)

    static let folder = URL(filePath: #filePath).appending(path: "../../../../Golden/Text/training").standardized

    init(_ name: String) {
        self.name = name
        root = try! JSON(parsing: Data(contentsOf: Self.folder.appending(path: "\(name).json")))
    }

    var file: JSON { root["file"]! }
    var ids: [[Int]] { Self.lists(root["ids"]!) }
    var whole: [[Int]] { Self.lists(root["whole"]!) }

    /// The ids of text of users, where they differ.
    func plain(_ index: Int) -> [Int] { root["plain"]?[String(index)]?.array?.compactMap(\.integer) ?? ids[index] }

    private static func lists(_ value: JSON) -> [[Int]] { value.array!.map { $0.array!.compactMap(\.integer) } }

    /// The lines, with their ends, of two books.
    static let corpus: [String] = ["corpus-en", "corpus-zh"].flatMap { name in
        let url = folder.appending(path: "../../Models/\(name).txt").standardized
        let text = try! String(contentsOf: url, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { "\($0)\n" }
    }
}
