import Foundation
package import Text

extension LearntTokenizer {
    /// Learns the tokenizer, or reads the one that the run has learnt before.
    func tokenizer(
        _ folder: RunFolder,
        on texts: some Sequence<String>,
        _ report: TrainingJob.Report
    ) throws -> TokenizerSpecification {
        let file = folder.url.appending(path: "tokenizer.json"),
            note = folder.url.appending(path: "tokenizer_config.json")
        if let kept = try? Data(contentsOf: file), let configuration = try? Data(contentsOf: note) {
            return try TokenizerSpecification(tokenizerJSON: kept, configuration: configuration)
        }
        var specification = try learn(texts, report)
        specification.endTexts(with: special.first)
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        try Data(specification.tokenizerConfiguration().text().utf8).write(to: note, options: .atomic)
        try Data(specification.tokenizerJSON().text().utf8).write(to: file, options: .atomic)
        return try TokenizerSpecification(
            tokenizerJSON: Data(contentsOf: file),
            configuration: Data(contentsOf: note)
        )
    }

    private func learn(_ texts: some Sequence<String>, _ report: TrainingJob.Report) throws -> TokenizerSpecification {
        switch algorithm {
        case .bpe:
            let settings = BPETrainer.Settings(
                vocabularySize: size,
                specialTokens: special,
                preTokenizer: PreTokenizer(rawValue: words) ?? .qwen2
            )
            return try BPETrainer(settings).train(on: texts) { try report(.tokenizer($0)) }
        case .unigram:
            let settings = UnigramTrainer.Settings(vocabularySize: size, specialTokens: special)
            return try UnigramTrainer(settings).train(on: texts) { try report(.tokenizer($0)) }
        }
    }
}

extension TokenizerSpecification {
    /// Has texts begin and end with a token, so that a network learns how they begin.
    package mutating func endTexts(with token: String?) {
        eos = token.flatMap { tokens.firstIndex(of: $0) }
        (bos, addsBOS) = (eos, eos != nil)
    }
}
