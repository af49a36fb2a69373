import Foundation
import Testing
import yuyan

@Suite struct ConfigurationFileTests {
    private func complaint(_ bytes: Data) -> String? {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile(path: "y.yaml", bytes: bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        "", "# nothing\n", "---\n", "port: 9000\n", "port: \"9000\"\n", "{port: 9000, host: \"::1\"}\n",
        "api-key: [one, two]\n",
        "api-key: one\n", "allow-origin:\n  - \"*\"\n", "model: 模型.gguf\n", "\u{FEFF}port: 9000\n",
        "port: 9000\r\nhost: a\r\n",
        "log-level: debug\ncontext: 1\ncache-type: q8_0\n", "name: &n x\nmodel: *n\n",
    ])
    func goodFilesAreTaken(text: String) {
        #expect(complaint(Data(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("host: x\nprot: 1", "y.yaml:2: there is no setting 'prot'; did you mean 'port'?"),
        ("max_runing: 1", "y.yaml:1: there is no setting 'max_runing'; did you mean 'max-running'?"),
        ("\n\nport: high", "y.yaml:3: port must be a whole number from 0 to 65535, not 'high'"),
        ("port: 65536", "y.yaml:1: port must be a whole number from 0 to 65535, not '65536'"),
        ("port: 0x50", "y.yaml:1: port must be a whole number from 0 to 65535, not '0x50'"),
        ("port: [1]", "y.yaml:1: port is one value, not a list"),
        ("port: {a: 1}", "y.yaml:1: 'port' must be a value or a list of values"),
        ("api-key: [[a]]", "y.yaml:1: 'api-key' must be a value or a list of values"),
        ("api-key: [a, ~]", "y.yaml:1: 'api-key' must be a value or a list of values"),
        ("port:", "y.yaml:1: 'port' has no value; give one or take the line out"),
        ("name: \"\"", "y.yaml:1: name must not be empty"),
        ("log-level: loud", "y.yaml:1: log-level must be one of trace, debug, info"),
        ("cache-type: q4_0", "y.yaml:1: cache-type must be one of f16, q8_0, not 'q4_0'"),
        ("port: 1\nport: 2", "y.yaml:1: 'port' is given more than once"),
        ("[port]: 1", "y.yaml:1: a key is a word"),
        ("port", "y.yaml:1: settings are lines of the form 'key: value'"),
        ("- port", "y.yaml:1: settings are lines of the form 'key: value'"),
        ("port: 1\n--- \nport: 2", "y.yaml:2: is not YAML: expected a single document in the stream"),
        ("host: \"x", "y.yaml:1: is not YAML: while scanning a quoted scalar"),
        ("port: 1\n\thost: x", "y.yaml:2: is not YAML"),
        ("allow-origin: *", "y.yaml:1: is not YAML: while scanning an alias"),
        ("model: *nobody", "y.yaml:1: is not YAML: found undefined alias"),
        ("port: 1\nname: \u{1}", "y.yaml:2: is not YAML: control characters are not allowed"),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, expected: String) throws {
        let found = try #require(complaint(Data(text.utf8)))
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test func aSecretIsNotRepeated() throws {
        let found = try #require(complaint(Data("api-key: [hush, \"\"]".utf8)))
        #expect(found == "y.yaml:1: api-key must not be empty")
    }

    @Test(arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x90]] as [[UInt8]])
    func brokenUTF8IsNamedWithItsLine(bytes: [UInt8]) {
        #expect(complaint(Data("port: 1\nname: ".utf8) + bytes + Data("\n".utf8)) == "y.yaml:2: is not UTF-8")
    }

    /// Aliases that double each time, as values and, where the parser compares them, as keys.
    static let bomb =
        (1...40).reduce("a0: &a0 [x, x]\n") { $0 + "a\($1): &a\($1) [*a\($1 - 1), *a\($1 - 1)]\n" } + "? *a40\n: 1\n"

    static let endless = [
        (bomb, "has more than 4 words that begin with '*'"),
        (String(repeating: "port: 1\n", count: 10_000), "is larger than 64 KiB"),
        ("port: " + String(repeating: "[", count: 50_000), "Maximum nesting level reached"),
        ((0..<340).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "there is no setting 'a'"),
    ]

    @Test(arguments: endless.indices)
    func whatWouldTakeForeverIsRefused(index: Int) throws {
        let (text, expected) = Self.endless[index]
        #expect(try #require(complaint(Data(text.utf8))).contains(expected))
    }
}
