import Foundation
import Testing

/// Documentation/Architectures.md marks what the tests run, all of it and no more.
@Suite struct ArchitectureTableTests {
    /// A line of the table: what config.json calls the network, its golden networks, and which columns are marked.
    struct Line: CustomTestStringConvertible {
        let type: String, goldens: [String], marks: Set<String>
        var testDescription: String { type }
    }

    static let page = House.all.first { $0.path == "Documentation/Architectures.md" }?.text ?? ""

    static let lines: [Line] = {
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        guard let columns = rows.first else { return [] }
        return rows.dropFirst().map { cells in
            let marked = zip(columns, cells).dropFirst(2).filter { $0.1 == "✓" }.map(\.0)
            let goldens = cells[1].matches(of: /`([^`]+)`/).map { String($0.1) }
            return Line(type: cells[0].replacing("`", with: ""), goldens: goldens, marks: Set(marked))
        }
    }()

    /// The tests that a column's marks stand for.
    static let proofs: [String: [TestedNetworks]] = [
        "golden": [
            .init("ModelsTests/LanguageModelTests", "logitsAgreeWithTheReferenceLibrary"),
            .init("ModelsTests/TextEncoderTests", "statesAndScoresAgreeWithTheReferenceLibrary"),
        ],
        "gradient": [.init("ModelsTests/NetworkGradientTests", "everyParametersGradientAgreesWithTheReferenceLibrary")],
        "safetensors": [
            .init("InferenceTests/Bundles/HubFamilyTests", "logitsAgreeWithTheReferenceLibrary"),
            .init("InferenceTests/Bundles/HubEncoderTests", "statesAndScoresAgreeWithTheReferenceLibrary"),
        ],
        "GGUF": [
            .init("ModelsTests/GGUFFamilyTests", "logitsAreThoseOfTheSameNetworkWithItsOwnNames"),
            .init("ModelsTests/GGUFEncoderTests", "statesAreThoseOfTheSameNetworkWithItsOwnNames"),
            .init("CheckpointsTests/GGUF/GGUFTranslationTests", "everyTensorHasItsHuggingFaceNameAndRows"),
        ],
        "quantised": [
            .init("ModelsTests/LanguageModelTests", "quantizedLogitsAreNearTheReferenceLibrarys"),
            .init("ModelsTests/TextEncoderTests", "quantizedStatesAreNearTheReferenceLibrarys"),
        ],
        "train/serve": [.init("TrainingTests/Objectives/ServedEqualityTests", "aTokensScoreIsTheSameBits")],
    ]

    @Test(arguments: proofs.keys.sorted()) func everyTestOfAColumnRunsNetworks(column: String) {
        for (place, tested) in (Self.proofs[column] ?? []).enumerated() {
            #expect(!tested.names.isEmpty, "nothing is known of what test \(place) of “\(column)” runs")
        }
    }

    @Test(arguments: lines) func theMarksAreWhatTheTestsRun(line: Line) {
        let own = Set(line.goldens + [line.type])
        let proven = Self.proofs.filter { $0.value.contains { !$0.names.isDisjoint(with: own) } }
        #expect(line.marks.subtracting(["real file"]) == Set(proven.keys), "\(line.type)")
    }

    /// Two names of one class are one network.
    @Test(arguments: lines) func theGoldensOfALineAreOfItsNetwork(line: Line) throws {
        #expect(!line.goldens.isEmpty)
        for golden in line.goldens {
            let type = try #require(try TestedNetworks.type(of: golden), "there is no golden network \(golden)")
            #expect(type == line.type || Registered.all[type] == Registered.all[line.type], "\(golden) is \(type)")
        }
    }

    @Test func everyNetworkHasALine() {
        #expect(Registered.all.count > 20)
        #expect(Set(Registered.all.keys) == Set(Self.lines.map(\.type)))
        let goldens = TestedNetworks.goldens("Models").union(TestedNetworks.goldens("Encoders"))
        #expect(goldens == Set(Self.lines.flatMap(\.goldens)))
    }

    /// Published models by what their files are called.
    private static let real = [
        "bert": ["all-minilm-l6-v2", "multilingual-e5-small"], "gemma3_text": ["gemma-3-270m"],
        "llama": ["SmolLM2-135M"], "qwen2": ["qwen2.5-coder"],
    ]

    @Test func theRealFilesAreMeasured() throws {
        #expect(Set(Self.lines.filter { $0.marks.contains("real file") }.map(\.type)) == Set(Self.real.keys))
        let figures = House.root.appending(path: "Tests/Golden/Models/perplexity.json")
        let vectors = House.all.first { $0.path == "Tests/InferenceTests/Real/RealVectorTests.swift" }?.code ?? ""
        let measured = try String(contentsOf: figures, encoding: .utf8) + vectors
        for name in Self.real.values.joined() { #expect(measured.contains("\"" + name), "\(name)") }
    }
}
