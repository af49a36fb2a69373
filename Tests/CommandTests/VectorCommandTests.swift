import Foundation
import Testing

/// `yuyan embed` and `yuyan rerank`, the real command over folders of tiny encoders.
@Suite struct VectorCommandTests {
    private static func golden(_ name: String) -> String {
        URL(filePath: #filePath).appending(path: "../../Golden/Bundles/\(name)").standardized.path
    }

    private struct Line: Decodable { let text: String, tokens: Int, embedding: [Double] }
    private struct Ranked: Decodable { let index: Int, score: Double, text: String }

    @Test func textsBecomeVectors() throws {
        let place = try Executable(), bert = Self.golden("bert")
        let plain = try place.run(["embed", bert, "What is a swift?", "x"])
        try #require(plain.status == 0, "\(plain.complaints)")
        let vectors = try plain.output.split(separator: "\n").map {
            try JSONDecoder().decode([Double].self, from: Data($0.utf8))
        }
        #expect(vectors.count == 2 && vectors.allSatisfy { $0.count == 32 })
        let short = try place.run(["embed", bert, "What is a swift?", "--dimensions", "8", "--json"])
        let line = try JSONDecoder().decode(Line.self, from: Data(short.output.utf8))
        #expect(line.text == "What is a swift?" && line.embedding.count == 8 && line.tokens > 2)
        #expect(abs(line.embedding.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }

    @Test(arguments: ["xlm-roberta", "bert"]) func textsAreOrdered(name: String) throws {
        let place = try Executable()
        let outcome = try place.run([
            "rerank", Self.golden(name), "swift", "a bird", "swift", "x", "--top-n", "2", "--json",
        ])
        try #require(outcome.status == 0, "\(outcome.complaints)")
        let ranked = try JSONDecoder().decode([Ranked].self, from: Data(outcome.output.utf8))
        try #require(ranked.count == 2)
        #expect(ranked[0].score >= ranked[1].score)
        if name == "bert" { #expect(ranked[0].text == "swift" && abs(ranked[0].score - 1) < 1e-5) }
    }

    static let mistakes: [(arguments: [String], status: Int32, names: String)] = [
        (["embed", "nowhere", "x"], 65, "nowhere"), (["embed", golden("bert"), "x", "--dimensions", "64"], 65, "32"),
        (["embed", golden("bert"), "x", "--dimensions", "0"], 64, "--dimensions"),
        (["embed", golden("bert"), String(repeating: "swift ", count: 100)], 65, "64"),
        (["embed", golden("xlm-roberta"), "x"], 65, "yuyan rerank"),
        (["rerank", golden("bert"), "", "x"], 64, "query"),
        (["rerank", golden("bert"), "x", "y", "--top-n", "0"], 64, "--top-n"),
    ]

    @Test(arguments: mistakes) func mistakesAreNamed(arguments: [String], status: Int32, names: String) throws {
        let outcome = try Executable().run(arguments)
        #expect(outcome.status == status && outcome.complaints.contains(names), "\(outcome.complaints)")
    }

    private static let long = String(repeating: "swift ", count: 100)
    static let misfits: [(arguments: [String], input: String, names: String)] = [
        (["embed", golden("bert")], "a\n" + long + "\n", "line 2 has"),
        (["embed", golden("bert"), "a", long], "", "text 2 has"),
        (["embed", golden("bert")], String(repeating: "a\n", count: 300) + long, "line 301 has"),
        (["rerank", golden("bert"), "q"], "a\n" + long, "line 2 has"),
        (["rerank", golden("bert"), "q", "a", long], "", "text 2 has"),
        (["rerank", golden("bert"), long, "a"], "", "the query has"),
        (["rerank", golden("xlm-roberta"), "q"], "a\n" + long, "line 2 with the query has"),
        (["embed", golden("bert"), ""], "", "text 1 is empty"),
        (["rerank", golden("bert"), "q", "a", ""], "", "text 2 is empty"),
        (["embed", golden("bert")], "a\n\nb\n", "line 2 is empty"),
    ]

    @Test(arguments: misfits) func aTextThatIsEmptyOrTooLongIsNamed(
        arguments: [String],
        input: String,
        names: String
    ) throws {
        let outcome = try Executable().run(arguments, input: input)
        #expect(outcome.status == 65 && outcome.complaints.contains(names), "\(outcome.complaints)")
    }

    @Test(arguments: ["embed", "rerank"]) func aModelThatTalksIsToldFromOneOfVectors(command: String) throws {
        let place = try Executable()
        for (name, isTold) in [("llama", true), ("bert", false)] {
            let outcome = try place.run([command, Self.golden(name), "a", "b"])
            #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(outcome.complaints)")
            #expect(outcome.complaints.contains("was not made for vectors") == isTold, "\(outcome.complaints)")
        }
    }

    static let commands = [
        ["run", "model", "Hi"], ["chat", "model"], ["bench", "model"], ["serve", "model", "--port", "0"],
        ["tokenizer", "encode", "model", "Hi"], ["embed", "model", "Hi"], ["serve", "vectors", "--port", "0"],
        ["embed", "vectors", "Hi"],
    ]
    static let damage = ["{", #"{"model": 1}"#, #"{"model": {"type": "odd"}}"#]

    @Test(arguments: commands, damage) func aBrokenTokenizerIsNamed(command: [String], text: String) throws {
        let place = try Executable()
        for (folder, golden) in [("model", "llama"), ("vectors", "bert")] {
            let url = place.folder.appending(path: folder)
            try FileManager.default.copyItem(at: URL(filePath: Self.golden(golden)), to: url)
            try place.write(text, to: folder + "/tokenizer.json")
        }
        let outcome = try place.run(command.map { ["model", "vectors"].contains($0) ? "./" + $0 : $0 })
        #expect(outcome.status == 65 && outcome.complaints.contains("tokenizer.json"), "\(outcome.complaints)")
    }
}
