import Foundation
import Testing

/// Every mark of Documentation/Architectures.md is a test that names the network, and every network has a line.
@Suite struct ArchitectureTableTests {
    /// A line of the table: what config.json calls the network, its golden networks, and which columns are marked.
    struct Line: CustomTestStringConvertible {
        let type: String, goldens: [String], marks: Set<String>
        var testDescription: String { type }
    }

    static let page = House.all.first { $0.path == "Documentation/Architectures.md" }

    static let lines: [Line] = {
        let rows = (page?.text ?? "").split(separator: "\n").filter {
            $0.hasPrefix("| `") || $0.hasPrefix("| `model_type`")
        }
        let cells = rows.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        guard let columns = cells.first else { return [] }
        return cells.dropFirst().map { cells in
            let marked = zip(columns, cells).dropFirst(2).filter { $0.1 == "✓" }.map(\.0)
            let goldens = cells[1].matches(of: /`([^`]+)`/).map { String($0.1) }
            return Line(type: cells[0].replacing("`", with: ""), goldens: goldens, marks: Set(marked))
        }
    }()

    /// Where a column's tests are, and whether they name the `model_type` or a golden network.
    static let proofs: [String: (files: [String], namesType: Bool)] = [
        "golden": (["ModelsTests/LanguageModelTests.swift", "ModelsTests/TextEncoderTests.swift"], false),
        "quantised": (["ModelsTests/LanguageModelTests.swift", "ModelsTests/TextEncoderTests.swift"], false),
        "gradient": (["ModelsTests/LanguageModelTests.swift"], false),
        "safetensors": (
            [
                "InferenceTests/Bundles/HubFamilyTests.swift", "InferenceTests/Bundles/HubEncoderTests.swift",
            ], false
        ),
        "GGUF": (
            [
                "CheckpointsTests/GGUF/GGUFTranslationTests.swift", "ModelsTests/GGUFFamilyTests.swift",
                "ModelsTests/GGUFEncoderTests.swift",
            ], false
        ),
        "train/serve": (["TrainingTests/Objectives/ServedEqualityTests.swift"], true),
        "real file": (["InferenceTests/Real/RealVectorTests.swift", "Golden/Models/perplexity.json"], true),
    ]

    @Test(arguments: lines) func everyMarkHasATestThatNamesTheNetwork(line: Line) throws {
        for mark in line.marks {
            let proof = try #require(Self.proofs[mark], "no tests are known for the column \(mark)")
            let texts = proof.files.map { file in
                (try? String(contentsOf: House.root.appending(path: "Tests/" + file), encoding: .utf8)) ?? ""
            }
            let names = Self.names(line, mark, byType: proof.namesType)
            let found = names.contains { name in
                texts.contains { Self.part(of: $0, for: mark).contains("\"" + name) }
            }
            #expect(found, "\(line.type) is marked “\(mark)”, but no test in \(proof.files) names one of \(names)")
        }
    }

    /// Real files go by their own names.
    private static func names(_ line: Line, _ mark: String, byType: Bool) -> [String] {
        guard mark != "real file" else { return real[line.type] ?? [] }
        return byType ? [line.type + "\""] : line.goldens.map { $0 + "\"" }
    }

    private static let real = [
        "bert": ["all-minilm-l6-v2", "multilingual-e5-small"], "gemma3_text": ["gemma-3-270m"],
        "llama": ["SmolLM2-135M"], "qwen2": ["qwen2.5-coder"],
    ]

    /// The list of those that learn, where gradients are meant.
    private static func part(of text: String, for mark: String) -> String {
        guard mark == "gradient" else { return text }
        let start = text.firstRange(of: "let learning")?.lowerBound ?? text.endIndex
        return String(text[start...].prefix { $0 != "]" })
    }

    @Test func everyNetworkHasALine() throws {
        let tables = ["Registry.swift", "TextEncoder.swift"].compactMap { name in
            House.files(in: "Sources/Models", suffixes: ["/" + name]).first?.code
        }
        let types = tables.flatMap { $0.matches(of: /"([\w-]+)": \w+\.self/).map { String($0.1) } }
        #expect(types.count > 20)
        #expect(Set(types) == Set(Self.lines.map(\.type)))
    }
}
