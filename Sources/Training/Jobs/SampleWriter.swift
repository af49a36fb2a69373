import Bundles
import Foundation
import Models
import Text

/// Lets a model write while it learns, and keeps what it wrote.
struct SampleWriter {
    private let choice: SampleChoice, folder: RunFolder
    private let tokenizer: Tokenizer?
    private let ends: Set<Int>

    init(_ choice: SampleChoice, _ bundle: ModelBundle, _ folder: RunFolder) {
        (self.choice, self.folder) = (choice, folder)
        tokenizer = choice.prompts.isEmpty ? nil : try? Tokenizer(bundle.tokenizer)
        ends = Set([bundle.tokenizer.eos].compactMap(\.self)).union(bundle.tokenizer.endOfGeneration)
    }

    /// One text for each prompt.
    func write(_ step: Int, _ network: any LanguageModel) throws -> [SampleRecord] {
        guard let tokenizer else { return [] }
        let samples = choice.prompts.compactMap { prompt -> SampleRecord? in
            let ids = tokenizer.encode(prompt, addSpecial: tokenizer.addsBOS, parseSpecial: true)
            guard !ids.isEmpty else { return nil }
            let written = TokenSampler(seed: UInt64(step)).tokens(after: ids, most: choice.tokens, ends: ends, network)
            return SampleRecord(step: step, prompt: prompt, text: tokenizer.decode(written))
        }
        try folder.append(samples)
        return samples
    }
}

extension RunFolder {
    private var samplesFile: URL { url.appending(path: "samples.jsonl") }

    /// What the model wrote in the course of the run.
    public var samples: [SampleRecord] {
        guard let data = try? Data(contentsOf: samplesFile) else { return [] }
        return data.split(separator: 10).compactMap { try? JSONDecoder().decode(SampleRecord.self, from: $0) }
    }

    /// Adds texts, in place of those of a step that is taken again.
    func append(_ new: [SampleRecord]) throws {
        guard let step = new.first?.step else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let kept = samples.filter { $0.step < step } + new
        let lines = try kept.map { try encoder.encode($0) + Data([10]) }
        try Data(lines.joined()).write(to: samplesFile, options: .atomic)
    }
}
