import Foundation
import Testing
import Text

/// Published templates and JSON texts with bytes changed, cut, doubled and swapped: anything may come out but a trap.
@Suite struct MutationTests {
    /// SplitMix64 (Steele, Lea and Flood 2014).
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let pieces = [
        "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "(", ")", "[", "]", "{", "}", "'", "\"", "\\", "|", ".", "~",
        " if ", " else ", " for x in ", " is ", " not ", "loop", "ns", "[::-1]", "|tojson", "**", "//", "\n", "\u{0}",
        "é", "👍", "{% endif %}", "{% endfor %}", "{% set x %}", "{% macro m() %}", "recursive", "9223372036854775807",
    ]

    static func mutated(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(position + Int.random(in: 0..<20, using: &random), bytes.count)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(position..<end)
            case 2: bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0..<bytes.count, using: &random))
            case 3: bytes.insert(contentsOf: Array(pieces.randomElement(using: &random)!.utf8), at: position)
            default: bytes.swapAt(position, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        return bytes
    }

    @Test(arguments: ConversationGoldenTests.families)
    func aMutatedTemplateNeverTraps(family: String) throws {
        var random = Random(state: UInt64(family.utf8.reduce(7) { $0 &* 31 &+ Int($1) } & 0xFFFF_FFFF))
        let source = Array(try ChatGolden.text("chat/\(family).jinja").utf8)
        let conversation = try #require(try ChatGolden.json("chat/conversations.json")["calls in turns"]?.object)
        var variables = conversation
        variables["add_generation_prompt"] = true
        for _ in 0..<12 {
            let text = String(decoding: Self.mutated(source, &random), as: UTF8.self)
            guard var template = try? Template(text) else { continue }
            template.limits.steps = 200_000
            template.limits.bytes = 1 << 24
            _ = try? template.render(variables, now: .distantPast)
        }
    }

    @Test func mutatedJSONNeverTraps() throws {
        var random = Random(state: 5)
        let source = Array(try ChatGolden.json("chat/conversations.json")["calls in turns"]!.text(.pretty).utf8)
        for _ in 0..<500 {
            let bytes = Self.mutated(source, &random)
            guard let value = try? JSON(parsing: bytes) else { continue }
            #expect(try JSON(parsing: value.text()) == value)
        }
    }
}
