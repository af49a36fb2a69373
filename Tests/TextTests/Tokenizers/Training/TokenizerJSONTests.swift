import Foundation
import Testing
import Text

@Suite struct TokenizerJSONTests {
    @Test(arguments: TrainingGolden.all)
    func filesOfTheReferenceGiveItsIDs(_ golden: TrainingGolden) throws {
        let tokenizer = try Tokenizer(TokenizerSpecification(tokenizerJSON: golden.file))
        Self.expectIDs(of: tokenizer, golden)
    }

    @Test(arguments: TrainingGolden.all)
    func whatIsReadAndWrittenAndReadIsTheSame(_ golden: TrainingGolden) throws {
        let specification = try TokenizerSpecification(tokenizerJSON: golden.file)
        let written = try specification.tokenizerJSON().text()
        Self.expectIDs(of: try Tokenizer(TokenizerSpecification(tokenizerJSON: written.utf8)), golden)
        #expect(try TokenizerSpecification(tokenizerJSON: written.utf8).tokenizerJSON().text() == written)
    }

    static func expectIDs(of tokenizer: Tokenizer, _ golden: TrainingGolden) {
        for (index, text) in TokenizerGolden.texts.enumerated() {
            let ids = tokenizer.encode(text, addSpecial: false)
            #expect(ids == golden.ids[index], "\(text.debugDescription)")
            let plain = tokenizer.encode(text, addSpecial: false, parseSpecial: false)
            #expect(plain == golden.plain(index), "\(text.debugDescription) of a user")
        }
        for (text, ids) in zip(TokenizerGolden.texts, golden.whole) { #expect(tokenizer.encode(text) == ids) }
    }

    @Test func theConfigurationNamesWhatTheFileDoesNot() throws {
        var specification = try TokenizerSpecification(tokenizerJSON: TrainingGolden.all[1].file)
        (specification.bos, specification.eos, specification.pad) = (1, 1, 0)
        specification.addsBOS = true
        let file = try specification.tokenizerJSON().text(), configuration = specification.tokenizerConfiguration()
        let again = try TokenizerSpecification(tokenizerJSON: file.utf8, configuration: configuration.text().utf8)
        #expect(again.bos == 1 && again.eos == 1 && again.pad == 0 && again.addsBOS && !again.addsEOS)
        let wrong: JSON = ["bos_token": "<nowhere>"]
        #expect(throws: TokenizerError.self) {
            try TokenizerSpecification(tokenizerJSON: JSON(parsing: file), configuration: wrong)
        }
    }

    @Test func aFileThatEndsEarlyIsRefused() {
        let bytes = Array(TrainingGolden.bytePairs[2].file.text().utf8)
        for end in Array(0..<300) + Array(stride(from: 300, to: bytes.count, by: 211)) {
            #expect(throws: JSONError.self) { try TokenizerSpecification(tokenizerJSON: bytes[..<end]) }
        }
    }

    /// Each way to damage a file, and what the error names.
    static let damages: [(golden: String, path: [String], value: JSON?, names: String)] = [
        ("bpe-qwen2", ["model", "type"], "WordPiece", "BertPreTokenizer"),
        ("bpe-qwen2", ["model", "type"], "WordLevel", "WordLevel"),
        ("bpe-qwen2", ["model", "type"], nil, "model.type"),
        ("bpe-qwen2", ["model", "vocab"], nil, "model.vocab"),
        ("bpe-qwen2", ["model", "vocab", "!"], 7, "id 7"),
        ("bpe-qwen2", ["model", "vocab", "!"], -1, "model.vocab.!"),
        ("bpe-qwen2", ["model", "vocab", "!"], "3", "model.vocab.!"),
        ("bpe-qwen2", ["model", "vocab", "!"], 100_000, "id 3"),
        ("bpe-qwen2", ["model", "vocab"], [:], "vocabulary is empty"),
        ("bpe-qwen2", ["model", "merges"], nil, "model.merges"),
        ("bpe-qwen2", ["model", "merges"], [["Ġ", "zzzz"]], "Ġ zzzz"),
        ("bpe-qwen2", ["model", "merges"], ["Ġt"], "merge 0"),
        ("bpe-qwen2", ["model", "merges"], [["a b", "c"]], "a b c"),
        ("bpe-qwen2", ["model", "merges"], [["a"]], "merges[0][1]"),
        ("bpe-qwen2", ["model", "dropout"], 0.1, "model.dropout"),
        ("bpe-qwen2", ["model", "end_of_word_suffix"], "</w>", "model.end_of_word_suffix"),
        ("bpe-qwen2", ["model", "continuing_subword_prefix"], "##", "model.continuing_subword_prefix"),
        ("bpe-qwen2", ["normalizer"], ["type": "Lowercase"], "Lowercase"),
        ("bpe-qwen2", ["normalizer"], ["type": "Prepend", "prepend": "▁"], "Prepend"),
        ("bpe-qwen2", ["pre_tokenizer"], nil, "pre_tokenizer"),
        ("bpe-qwen2", ["pre_tokenizer"], ["type": "Whitespace"], "Whitespace"),
        ("bpe-qwen2", ["pre_tokenizer"], ["type": "ByteLevel", "add_prefix_space": true], "add_prefix_space"),
        ("bpe-qwen2", ["pre_tokenizer"], ["type": "ByteLevel", "use_regex": false], "pre_tokenizer"),
        ("bpe-qwen2", ["post_processor"], ["type": "RobertaProcessing"], "post_processor.cls"),
        ("bpe-llama-bpe", ["post_processor", "processors"], [["type": "TemplateProcessing", "single": []]], "single"),
        ("bpe-qwen2", ["added_tokens"], [["id": 0, "content": "<x>"]], "<x>"),
        ("bpe-qwen2", ["added_tokens"], [["id": 9999, "content": "<x>"]], "2000"),
        ("bpe-qwen2", ["added_tokens"], [["id": 0, "content": "<|endoftext|>", "rstrip": true]], "rstrip"),
        ("bpe-qwen2", ["added_tokens"], [["content": "<|endoftext|>"]], "added_tokens[0].id"),
        ("marked-gemma", ["model", "byte_fallback"], false, "byte_fallback"),
        ("marked-gemma", ["model", "unk_token"], "<nowhere>", "<nowhere>"),
        ("marked-gemma", ["model", "vocab", "<0x0A>"], 5000, "id "),
        ("marked-gemma", ["added_tokens"], [["id": 0, "content": "<unk>", "normalized": true]], "normalized"),
        ("marked-metaspace", ["pre_tokenizer", "replacement"], "_", "Metaspace"),
        ("marked-metaspace", ["pre_tokenizer", "prepend_scheme"], "last", "prepend_scheme"),
        ("unigram-always", ["model", "unk_id"], nil, "model.unk_id"),
        ("unigram-always", ["model", "unk_id"], 1_000_000, "model.unk_id"),
        ("unigram-always", ["model", "vocab"], [["<unk>"]], "model.vocab[0][1]"),
        ("unigram-always", ["model", "vocab"], [], "vocabulary is empty"),
        ("unigram-always", ["pre_tokenizer"], ["type": "ByteLevel"], "pre_tokenizer"),
    ]

    @Test(arguments: damages.indices)
    func whatIsDamagedOrUnknownIsRefusedByName(index: Int) throws {
        let damage = Self.damages[index]
        let file = Self.setting(damage.path[...], to: damage.value, in: TrainingGolden(damage.golden).file)
        do {
            _ = try Tokenizer(TokenizerSpecification(tokenizerJSON: file))
            Issue.record("\(damage.path) = \(damage.value?.text() ?? "nothing") was taken")
        } catch {
            #expect("\(error)".contains(damage.names), "\(error)")
        }
    }

    private static func setting(_ path: ArraySlice<String>, to value: JSON?, in json: JSON) -> JSON {
        guard let name = path.first, var members = json.object else { return value ?? .null }
        members[name] = path.count > 1 ? setting(path.dropFirst(), to: value, in: json[name] ?? [:]) : value
        return .object(members)
    }

    @Test func twoTokensWithOneSpellingCannotBeWritten() throws {
        var specification = try TokenizerSpecification(tokenizerJSON: TrainingGolden.bytePairs[2].file)
        specification.tokens[300] = specification.tokens[301]
        #expect(throws: TokenizerError.repeatedToken(specification.tokens[300], 300, 301)) {
            try specification.tokenizerJSON()
        }
    }
}
