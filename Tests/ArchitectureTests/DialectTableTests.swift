import Foundation
import Testing

/// Every mark of Documentation/Dialects.md is a test that is there, and every field that a dialect reads has a line. That the tests send what
/// they are named for, scripts/checks/proofs.py holds.
@Suite struct DialectTableTests {
    /// A line of the table: a route, its fields, and the tests that are named, `Suite.test` or `module.check`.
    struct Line: CustomTestStringConvertible {
        let route: String, fields: [String], proofs: [String], refusals: [String]
        var testDescription: String { "\(route) \(fields.joined(separator: " "))" }
    }

    static let page = House.all.first { $0.path == "Documentation/Dialects.md" }?.text ?? ""

    static let lines: [Line] = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
        let cells = row.split(separator: "|", omittingEmptySubsequences: false).map(ticked)
        return Line(route: cells[1].first ?? "", fields: cells[2], proofs: cells[4], refusals: cells[5])
    }

    private static func ticked(_ cell: Substring) -> [String] {
        cell.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    static let tests = House.all.filter { $0.path.hasPrefix("Tests/") }

    /// The file that has the test of that name, or nil.
    private static func file(of proof: String) -> House.File? {
        let parts = proof.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        return tests.first { file in
            file.path.hasSuffix("/\(parts[0]).py")
                ? file.text.contains("def \(parts[1])(")
                : file.path.hasSuffix(".swift") && file.text.contains("struct \(parts[0]) ")
                    && file.text.contains("func \(parts[1])(")
        }
    }

    @Test func thereIsATable() { #expect(Self.lines.count > 50) }

    @Test(arguments: lines) func everyMarkIsATest(line: Line) {
        #expect(!line.proofs.isEmpty, "nothing proves it")
        for proof in line.proofs + line.refusals {
            #expect(Self.file(of: proof) != nil, "there is no test \(proof)")
        }
    }

    /// Where a dialect reads its fields, and the routes that its lines are of.
    static let readers: [(folder: String, routes: String)] = [
        ("Sources/Server/Features/Ollama", "/api/"), ("Sources/Server/Features/Anthropic", "/v1/messages"),
        ("Sources/Server/Features/Qianfan", "/v2/"), ("Sources/Server/Features/Chat", "/v1/chat"),
        ("Sources/Server/Features/Completions", "/v1/completions"),
        ("Sources/Server/Features/Responses", "/v1/responses"),
    ]

    @Test(arguments: readers.indices) func everyFieldThatIsReadHasALine(index: Int) {
        let (folder, routes) = Self.readers[index]
        let known = Set(
            Self.lines.filter { $0.route.contains(routes) }.flatMap(\.fields).map {
                $0.split(separator: ".").last.map(String.init) ?? ""
            }
        )
        let files = House.files(in: folder, suffixes: [".swift"])
        #expect(!files.isEmpty)
        for file in files {
            for read in file.code.matches(of: /(?:body|options)\["(\w+)"\]/) {
                let aliases = ["name": "model", "quantization": "quantize"], name = String(read.1)
                #expect(
                    known.contains(aliases[name] ?? name),
                    "\(file.path) reads '\(name)', which has no line for \(routes)"
                )
            }
        }
    }
}
