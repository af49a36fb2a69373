import Foundation
import Grammars
import Testing

/// Patterns, against the regular expressions of the standard library.
@Suite struct PatternTests {
    static let patterns = [
        "a*b", "^a*b$", "a|b|", "(ab)+c?", "[a-c]{2,3}", "^[^a-c]+$", "a{2}", "a{2,}", "^(a|b)*abb$", "\\d+", "\\s",
        "^a.c$", "(?:a(?<x>b))c", "^$", "a$|^b", "[\\d-]+", "^[\\]\\\\]$", "x*?y+?", "\\.",
        "^(\\+1)?[0-9]{3}-[0-9]{4}$", "^\\p{L}+$",
        "^[\\u4e00-\\u9fa5]+$", "^\\P{L}$", "a^b", "{a}",
    ]
    static let texts = [
        "", "a", "b", "ab", "aab", "abb", "aabb", "abc", "abcabc", "ca", "aaa", "xyz", "xxy", "a1", "12", "a b", "a\nc",
        "axc", "]",
        "\\", "-", "1-2", ".", "555-1234", "+1555-1234", "中文", "é", "_", "A", "{a}",
    ]

    @Test(arguments: patterns) func patternsMatchWhatTheyMatchElsewhere(source: String) throws {
        let machine = try Pattern.machine(source, .part, path: "#"),
            whole = try Pattern.machine(source, .whole, path: "#")
        let standard = source == "{a}" ? "\\{a\\}" : source
        let regex = try NSRegularExpression(pattern: standard)
        for text in Self.texts {
            let range = NSRange(text.startIndex..., in: text)
            // There '$' also stands before a last line end, which no text here has.
            #expect(
                machine.contains(text) == (regex.firstMatch(in: text, range: range) != nil),
                "\(source) in '\(text)'"
            )
            let all =
                try NSRegularExpression(pattern: "\\A(?:\(standard))\\z").firstMatch(in: text, range: range) != nil
            #expect(whole.contains(text) == all, "\(source) is '\(text)'")
        }
    }

    @Test func wordsAndDigitsAreThoseOfECMAScript() throws {
        let word = try Pattern.machine("^\\w+$", .part, path: "#")
        #expect(word.contains("a_1") && !word.contains("é") && !word.contains(""))
    }

    /// What Python writes, and the same as JavaScript has it.
    static let pythons = [
        ("(?P<x>ab)+c", "(?<x>ab)+c"), ("\\Aa|b\\Z", "^a|b$"), ("\\A(?P<y>[a-c])\\z", "^(?<y>[a-c])$"),
        ("(?:\\Aa)b", "(?:^a)b"),
        ("[[:]a", "[\\[:]a"), ("[:a]+", "[a:]+"), ("[[:x:]]", "[\\[:x]\\]"),
    ]

    @Test(arguments: pythons) func pythonsGroupsAndAnchorsAreTaken(python: String, javaScript: String) throws {
        for reach in [Pattern.Reach.part, .whole] {
            let machine = try Pattern.machine(python, reach, path: "#")
            #expect(try machine == Pattern.machine(javaScript, reach, path: "#"))
        }
    }

    static let refused: [(String, String)] = [
        ("[[:alpha:]]+x", "write A-Za-z instead, as in [A-Za-z]"), ("[^_[:digit:]]", "'[:digit:]'"),
        ("[:space:]", "write \\s"),
        (
            "(?i)ab",
            "'(?i)' at #/pattern is not supported: flags within a pattern are not taken; write both cases: [aA]"
        ),
        ("(?i:ab)c", "'(?i:'"), ("(?-i)a", "'(?-i)'"), ("(?sx)a", "[\\s\\S]"), ("(?P<a>b)(?P=a)", "refers back"),
        ("(?P>a)", "calls itself"),
        ("(?#c)a", "comments"), ("(?>a)", "'(?>'"), ("(?'a'b)", "unknown group"), ("(?i", "unknown group"),
        ("(?", "unknown group"),
        ("(?<a", "must end with '>'"), ("(?<a)b>c", "must end with '>'"), ("(?P<a)b", "must end with '>'"),
        ("\\A*", "anchor"),
        ("(?=a)", "(?="), ("(?!a)", "(?!"), ("(?<=a)b", "(?<="), ("(a)\\1", "\\1"), ("\\bword", "\\b"),
        ("\\p{Greek}", "\\p{Greek}"),
        ("a{3,2}", "out of order"), ("*a", "nothing to repeat"), ("(a", "')' is missing"), ("a)", "unmatched"),
        ("[a", "']' is missing"),
        ("[z-a]", "out of order"), ("\\q", "unknown escape"), ("a{999999}", "more than 2000"), ("^*", "anchor"),
        ("a**", "nothing to repeat"), ("a{,3}", "write '{0,3}'"),
        (String(repeating: "(", count: 3000), "nests deeper"), ("((a{1000}){1000}){1000}", "too large"),
    ]

    @Test(arguments: refused) func whatCannotBeFollowedIsRefusedByName(source: String, reason: String) {
        #expect { _ = try Pattern.machine(source, .part, path: "#/pattern") } throws: { "\($0)".contains(reason) }
    }
}
