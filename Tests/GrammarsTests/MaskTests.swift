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
        let forced = matcher.forced()
        #expect(forced == Array("abcde".utf8))
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
