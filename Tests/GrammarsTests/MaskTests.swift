import Grammars
import Testing
import Text

/// Masks, against trying every token.
@Suite struct MaskTests {
    static let sources = [
        #"root ::= "a"* "b""#,
        #"root ::= (a | b)+ "."  a ::= "ab" | "abc"  b ::= "c" a?"#,
        "root ::= \"\\\"\" [^\"\\\\]* \"\\\"\"",
        #"root ::= item{2,5}  item ::= [a-c]{1,3} ","?"#,
        #"root ::= [a-z]{3,70}"#,
        #"root ::= ("a" "b"?){20,60} "!""#,
        #"root ::= ([a-c]+){10,20}"#,
        #"root ::= expr  expr ::= term ("+" expr)?  term ::= "(" expr ")" | [0-9]+"#,
        #"root ::= s  s ::= "a" s? "b"?"#,
        #"root ::= "中"{1,100} | [一-龥]{2} | "é""#,
        #"root ::= x?  x ::= y?  y ::= "a"?"#,
        #"root ::= (x x){2,4}  x ::= "a"?"#,
        "root ::= ([^<] | \"<\" [^t])* \"<tool_call>\" \"{\" [0-9]+ \"}\"",
    ]

    static func grammar(_ source: String) throws -> Grammar {
        // Two spaces stand for a line end.
        try GBNF.grammar(source.replacing("  ", with: "\n"))
    }

    @Test(arguments: sources, 0..<4) func masksAgreeWithTryingEachToken(source: String, seed: Int) throws {
        _ = try randomText(Self.grammar(source), seed: seed, most: 60)
    }

    @Test(arguments: sources) func whatIsTakenBackWasNeverThere(source: String) throws {
        var matcher = try Matcher(Self.grammar(source)), dice = Dice(seed: 3), masks: [TokenMask] = []
        for _ in 0..<12 {
            let mask = matcher.mask()
            guard let token = mask.tokens.randomElement(using: &dice), matcher.accept(token) else { break }
            masks.append(mask)
        }
        for back in 1...masks.count {
            matcher.rollback(1)
            let mask = matcher.mask()
            #expect(mask == masks[masks.count - back])
        }
    }

    @Test func theEndIsAllowedOnlyWhereTheTextMayEnd() throws {
        var matcher = try Matcher(Self.grammar(#"root ::= "ab""#))
        let first = matcher.mask()
        #expect(!first[Vocabularies.end])
        let isTakenEarly = matcher.accept(Vocabularies.end)
        #expect(!isTakenEarly)
        let areTaken = [matcher.accept(97), matcher.accept(98)]
        #expect(areTaken == [true, true])
        #expect(matcher.isComplete)
        let last = matcher.mask()
        #expect(last.tokens == [Vocabularies.end])
        let isTaken = matcher.accept(Vocabularies.end), goesOn = matcher.accept(97)
        #expect(isTaken && matcher.isOver && !goesOn)
        let after = matcher.mask()
        #expect(after.isEmpty)
    }

    @Test func whatMustComeIsKnown() throws {
        var matcher = try Matcher(Self.grammar(#"root ::= "abc" ("def" | "dex") "g""#))
        let (bytes, certain) = matcher.foreseen(limit: 64, after: nil, SpacingHabit())
        #expect(bytes == Array("abcde".utf8) && certain == 5)
        let (few, _) = matcher.foreseen(limit: 2, after: nil, SpacingHabit())
        #expect(few == Array("ab".utf8))
    }

    /// White space is foreseen as it was before.
    @Test(arguments: [("", "{\"name\": \""), ("{ \"x\":1", "{ \"name\":\""), ("{\n", "{")])
    func spacesAreAsTheyWere(before: String, expected: String) throws {
        let schema: JSON = ["type": "object", "properties": ["name": ["type": "string"]], "required": ["name"]]
        var matcher = try Matcher(SchemaCompiler.grammar(schema)), habit = SpacingHabit()
        habit.learn(before.utf8, after: nil)
        let foreseen = matcher.foreseen(limit: 64, after: nil, habit)
        #expect(String(decoding: foreseen.bytes, as: UTF8.self) == expected)
        #expect(foreseen.certain == 1)
        for byte in foreseen.bytes {
            let isTaken = matcher.accept(Int(byte))
            #expect(isTaken)
        }
    }

    @Test(arguments: ["", "a", "name\": ", "中文"]) func textsAreCutIntoTokens(text: String) {
        let trie = Vocabularies.trie
        #expect(trie.split(Array(text.utf8)).flatMap { Array(trie.bytes(of: $0)) } == Array(text.utf8))
    }

    static let refused: [(String, String)] = [
        (#"root ::= root "a" | "b""#, "can begin with itself"),
        (#"root ::= a? root | "b"  a ::= "x""#, "can begin with itself"),
        (#"root ::= x"#, "'x' is used but nowhere defined"), ("x ::= \"a\"", "no rule 'root'"),
        (#"root ::= "a"#, "is missing"), ("root ::= [a-", "is missing"), ("root = x", "expected '::='"),
        (#"root ::= "a" {3"#, "unexpected"), (#"root ::= "a"{3,2}"#, "out of order"),
        (#"root ::= ("a""#, "')' is missing"),
        (#"root ::= "a"  root ::= "b""#, "defined twice"), (#"root ::= "\q""#, "unknown escape"),
        (#"root ::= "a" root"#, "contradict"),
        ("root ::= " + String(repeating: "(", count: 5000), "nests deeper"),
    ]

    @Test(arguments: refused) func badGrammarsAreRefusedWithAReason(source: String, reason: String) {
        #expect { _ = try Matcher(Self.grammar(source)) } throws: { "\($0)".contains(reason) }
    }

    @Test(arguments: ["a", "aa", "b", "", "ab"], [#"root ::= "a""#, #"root ::= "a"?"#, #"root ::= ("a" | "b"){2}"#])
    func textsAreTakenAsTheNotationSays(text: String, source: String) throws {
        let expected = [
            #"root ::= "a""#: ["a"], #"root ::= "a"?"#: ["a", ""], #"root ::= ("a" | "b"){2}"#: ["aa", "ab"],
        ]
        #expect(try Matcher.takes(text, Self.grammar(source)) == expected[source]?.contains(text))
    }
}
