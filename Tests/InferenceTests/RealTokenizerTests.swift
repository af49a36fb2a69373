import Bundles
import Checkpoints
import Foundation
import Inference
import Testing
import Text

/// The whole vocabularies of real files against two references: the libraries that the goldens of `Text` come from, and
/// llama.cpp on a few thousand tokens of books.
@Suite(.enabled(if: !RealTokenizer.present.isEmpty, "no real files in YUYAN_MODELS or ~/.yuyan/models"))
struct RealTokenizerTests {
    @Test(arguments: RealTokenizer.present)
    func idsOfAwkwardStringsAreThoseOfTheLibraries(_ real: RealTokenizer) throws {
        let tokenizer = try real.open()
        let strings: Strings = try golden("Text/tokenizer-strings.json")
        let expected: IDs = try golden("Text/tokenizer-\(real.golden).json")
        for (text, ids) in zip(strings.texts, expected.ids) {
            #expect(tokenizer.encode(text, addSpecial: false) == ids, "\(text.debugDescription)")
        }
    }

    @Test(arguments: RealTokenizer.present)
    func idsOfBooksAreThoseOfLlamaCpp(_ real: RealTokenizer) throws {
        let tokenizer = try real.open()
        let books: Books = try golden("Models/tokens.json")
        for book in books.entries where book.file == real.file {
            let text = try String(contentsOf: folder.appending(path: "Models/" + book.text), encoding: .utf8)
            let ids = tokenizer.encode(text, parseSpecial: false)
            #expect(ids.count == book.count)
            #expect(Array(ids.prefix(book.ids.count)) == book.ids)
            #expect(tokenizer.decode(ids, skipSpecial: true) == text)
        }
    }

    private struct Strings: Decodable { let texts: [String] }
    private struct IDs: Decodable { let ids: [[Int]] }
    private struct Books: Decodable {
        struct Entry: Decodable { let file, text: String, count: Int, ids: [Int] }
        let entries: [Entry]
    }

    private var folder: URL { URL(filePath: #filePath).appending(path: "../../Golden").standardized }

    private func golden<Value: Decodable>(_ path: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: path)))
    }
}

/// A real file whose tokenizer has goldens.
struct RealTokenizer: Sendable, CustomTestStringConvertible {
    let golden, file: String
    var testDescription: String { golden }

    static let present = [
        RealTokenizer(golden: "smollm2", file: "SmolLM2-135M-Instruct.Q4_1.gguf"),
        RealTokenizer(golden: "qwen2.5", file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
        RealTokenizer(golden: "gemma3", file: "gemma-3-270m-q4_k_m.gguf"),
    ].filter { $0.path != nil }

    private var path: String? {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["YUYAN_HOME"] ?? NSHomeDirectory() + "/.yuyan"
        return [environment["YUYAN_MODELS"], home + "/models"].compactMap { $0 }
            .map { $0 + "/" + file }.first(where: FileManager.default.fileExists)
    }

    func open() throws -> Tokenizer {
        try Tokenizer(TokenizerSpecification(GGUFFile(path: #require(path)).metadata))
    }
}
