import Foundation
import TestSupport
import Testing
import Text

/// Files of tiktoken's against the ids of its library, and files that are wrong.
@Suite struct TiktokenTests {
    private static func file(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Golden.folder.appending(path: "Text/\(name)")))
    }

    private static func read(_ text: String, _ family: String = "glm", _ configuration: JSON? = nil) throws
        -> TokenizerSpecification
    {
        let family = try #require(TiktokenFamily.named(family))
        return try TokenizerSpecification(tiktoken: Array(text.utf8), family, configuration: configuration)
    }

    @Test(arguments: ["qwen", "chatglm"]) func idsAreThoseOfItsLibrary(name: String) throws {
        let golden = try JSONDecoder().decode([String: [[Int]]].self, from: Data(Self.file("tiktoken.json")))
        let file = try Self.file("small.tiktoken"), family = try #require(TiktokenFamily.named(name))
        #expect(TokenizerSpecification.isTiktoken(file))
        let specification = try TokenizerSpecification(tiktoken: file, family)
        let written = try TokenizerSpecification(tokenizerJSON: specification.tokenizerJSON())
        for tokenizer in [try Tokenizer(specification), try Tokenizer(written)] {
            for (text, expected) in zip(TokenizerGolden.texts, try #require(golden[name])) {
                let found = tokenizer.encode(text, addSpecial: false, parseSpecial: false)
                #expect(found == expected, "\(text.debugDescription)")
            }
        }
    }

    @Test func specialTokensFollowThoseOfTheFile() throws {
        let configuration: JSON = [
            "added_tokens_decoder": [
                "2": ["content": "<|endoftext|>", "special": true], "3": ["content": "<|user|>"],
            ],
            "eos_token": "<|endoftext|>",
        ]
        let glm = try Self.read("YQ== 0\r\nYWI= 1\n\n", "glm4", configuration)
        #expect(glm.tokens == ["a", "ab", "<|endoftext|>", "<|user|>"] && glm.eos == 2 && !glm.addsBOS)
        #expect(glm.kinds == [.normal, .normal, .control, .userDefined])
        let qwen = try Self.read("YQ== 0", "qwen")
        #expect(qwen.tokens.prefix(4) == ["a", "<|endoftext|>", "<|im_start|>", "<|im_end|>"] && qwen.eos == 1)
        #expect(qwen.tokens.count == 209 && qwen.tokens.last == "<|extra_204|>")
    }

    @Test(arguments: [
        ("", "vocabulary is empty"),
        ("YQ==", "line 1 is not"), ("YQ== 0\nYg== x", "line 2 is not"), ("YQ== -1", "line 1 is not"),
        ("!! 0", "line 1 is not"), (" 0", "line 1 is not"), ("YQ== 0\nYg== 0", "have the id 0"),
        ("YQ== 0\nYQ== 1", "ranks 0 and 1 are both 'a'"), ("YQ== 0\nYg== 2", "no token has the id 1"),
        ("YQ== 99999999999999999999", "line 1 is not"), ("YQ== 1000000000", "no token has the id 0"),
    ])
    func aFileThatIsWrongSaysWhatIs(text: String, says: String) throws {
        let error = try #require(throws: TokenizerError.self) { try Self.read(text) }
        #expect("\(error)".contains(says))
    }

    @Test func whatIsNoSuchFileIsTold() {
        for text in ["", "<html>404 not found</html>", "\n\u{5}▁a", "YQ==", "{}"] {
            #expect(!TokenizerSpecification.isTiktoken(Array(text.utf8)), "\(text)")
        }
        #expect(TiktokenFamily.named("llama") == nil)
    }
}
