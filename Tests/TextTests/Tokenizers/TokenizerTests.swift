import Testing
import Text

@Suite struct TokenizerTests {
    @Test func anUnknownPreTokenizerIsNamedWithThoseThatAreKnown() throws {
        let error = #expect(throws: TokenizerError.self) { try PreTokenizer(named: "martian") }
        let message = try #require(error).description
        #expect(message.contains("'martian'") && message.contains("llama-bpe") && message.contains("qwen2"))
    }

    @Test func anUnknownModelIsNamed() {
        #expect(throws: TokenizerError.unknownModel("rwkv", known: ["bert", "gpt2", "llama", "t5"])) {
            try TokenizerSpecification(gguf: "rwkv", pre: nil, tokens: ["a"])
        }
    }

    @Test func listsOfTheWrongLengthAreRefused() {
        #expect(throws: TokenizerError.mismatchedCounts(field: "scores", expected: 2, found: 1)) {
            try Tokenizer(TokenizerSpecification(gguf: "llama", pre: nil, tokens: ["a", "b"], scores: [1]))
        }
        #expect(throws: TokenizerError.mismatchedCounts(field: "token types", expected: 1, found: 2)) {
            try Tokenizer(
                TokenizerSpecification(gguf: "gpt2", pre: "qwen2", tokens: ["a"], tokenTypes: [1, 1], merges: [])
            )
        }
    }

    @Test(arguments: [-1, 1, Int.max, Int.min])
    func anIDOutsideTheVocabularyIsRefused(id: Int) {
        #expect(throws: TokenizerError.tokenOutsideVocabulary(role: "EOS", id: id, count: 1)) {
            try Tokenizer(TokenizerSpecification(gguf: "gpt2", pre: "qwen2", tokens: ["a"], merges: [], eos: id))
        }
    }

    @Test(arguments: ["ab", "a", "", " ", "a ", " b"])
    func aMergeThatIsNoPairIsRefused(merge: String) {
        #expect(throws: TokenizerError.malformedMerge(merge, rank: 0)) {
            try Tokenizer(TokenizerSpecification(gguf: "gpt2", pre: "qwen2", tokens: ["a", "b"], merges: [merge]))
        }
    }

    @Test func aMergeOfStrangersIsRefused() {
        #expect(throws: TokenizerError.mergeOutsideVocabulary("a b", rank: 0)) {
            try Tokenizer(TokenizerSpecification(gguf: "gpt2", pre: "qwen2", tokens: ["a", "b"], merges: ["a b"]))
        }
    }

    @Test(arguments: [0, 7, -1, 300])
    func anUnknownTokenTypeIsRefused(type: Int) {
        #expect(throws: TokenizerError.unknownTokenKind(type, token: 0)) {
            try TokenizerSpecification(gguf: "gpt2", pre: "qwen2", tokens: ["a"], tokenTypes: [type], merges: [])
        }
    }

    @Test(
        arguments: [
            "llama-bpe": true, "dbrx": false, "glm4": false, "chatglm-bpe": false, "hunyuan": false, "tekken": true,
            "pixtral": true, "mpt": false,
        ]
    )
    func otherTokenizersShareAPatternAndNotWhatGoesWithIt(pre: String, ignoresMerges: Bool) throws {
        let specification = try TokenizerSpecification(gguf: "gpt2", pre: pre, tokens: ["a", "b", "ab"], merges: [])
        #expect(try Tokenizer(specification).encode("ab", addSpecial: false) == (ignoresMerges ? [2] : [0, 1]))
        #expect(specification.addsBOS == ignoresMerges)
    }

    @Test func specialTokensGoWhereTheModelWantsThem() throws {
        var specification = try TokenizerSpecification(
            gguf: "gpt2",
            pre: "gpt-2",
            tokens: ["a", "<s>", "</s>"],
            tokenTypes: [1, 3, 3],
            merges: [],
            bos: 1,
            eos: 2
        )
        specification.addsBOS = true
        specification.addsEOS = true
        let tokenizer = try Tokenizer(specification)
        #expect(tokenizer.encode("aa") == [1, 0, 0, 2])
        #expect(tokenizer.encode("aa", addSpecial: false) == [0, 0])
        #expect(tokenizer.encode("a</s>") == [1, 0, 2, 2])
        #expect(tokenizer.decode([1, 0, 2, 0, 1], skipSpecial: true) == "aa")
        #expect(tokenizer.endOfGeneration == [2])
    }

    @Test func turnEndersAreKnownByNameAndOnlyAsControlTokens() throws {
        let tokens = ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "x"]
        let tokenizer = try Tokenizer(
            TokenizerSpecification(
                gguf: "gpt2",
                pre: "gpt-2",
                tokens: tokens,
                tokenTypes: [3, 3, 1, 1],
                merges: [],
                endOfTurn: [3]
            )
        )
        #expect(tokenizer.endOfGeneration == [0, 1, 3])
    }

    @Test func everyTokenIsFoundByItsSpelling() {
        for family in TokenizerGolden.families {
            for id in 0..<family.tokenizer.vocabularySize {
                let spelling = family.tokenizer.token(id)!
                #expect(family.tokenizer.id(of: spelling) == id, "\(spelling)")
            }
            #expect(family.tokenizer.id(of: "no such token") == nil)
        }
    }

    @Test(arguments: [-1, Int.min, Int.max, 1 << 32])
    func strangeIDsAreNothing(id: Int) {
        for family in TokenizerGolden.families {
            #expect(family.tokenizer.decode([id]) == "")
            #expect(family.tokenizer.bytes(of: id) == [])
            #expect(family.tokenizer.token(id) == nil)
            #expect(!family.tokenizer.isSpecial(id))
        }
    }
}
