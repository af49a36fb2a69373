import Bundles
import Foundation
import Text

extension TrainingJob {
    /// The text, prepared with the model's tokenizer and template, and laid out in batches.
    func data(_ bundle: ModelBundle, _ report: Report) throws -> ([PreparedDataset], PackedDocuments) {
        let (train, held) = try datasets(bundle, report)
        let isWeighed = configuration.data.train.contains { $0.weight != 1 }
        let parts = zip(train, configuration.data.train).map { dataset, file in
            PackedDocuments.Part(dataset, weight: isWeighed ? file.weight : nil)
        }
        return (train + held, try PackedDocuments(parts, validation: held, packing))
    }

    private func datasets(
        _ bundle: ModelBundle,
        _ report: Report
    ) throws -> (train: [PreparedDataset], held: [PreparedDataset]) {
        let tokenizer = try Tokenizer(bundle.tokenizer), template = try bundle.chatTemplate()
        var options = PreparationOptions()
        options.maxRejected = configuration.data.mostRejected
        options.tokenizerFingerprint = bundle.fingerprint.description
        func prepare(_ file: DataChoice.File) throws -> PreparedDataset {
            try PreparedDataset.prepare([source(file)], tokenizer, template, in: places.datasets, options) {
                try report(.reading($0))
            }
        }
        return (try configuration.data.train.map(prepare), try configuration.data.validation.map(prepare))
    }

    private var packing: PackingOptions {
        var packing = PackingOptions(batchTokens: configuration.batch.tokens, context: configuration.batch.context)
        packing.seed = UInt64(configuration.seed)
        packing.heldOut = configuration.data.share
        return packing
    }

    func source(_ file: DataChoice.File) throws -> DataSource {
        let layout = try file.layout.map { name in
            guard let layout = DataLayout(name: name) else {
                let known = DataLayout.names.joined(separator: ", ")
                throw RunConfigurationError(
                    "data.train",
                    "there is no layout “\(name)”; there are \(known), and text:COLUMN"
                )
            }
            return layout
        }
        return try DataSource(url(file.path), format: file.format?.format, layout: layout ?? .automatic)
    }

    /// What the training files hold, once they are prepared.
    public func statistics(report: Report = { _ in }) throws -> DatasetStatistics {
        let bundle = try bundle(report), datasets = try datasets(bundle, report).train
        var sum = DatasetStatistics()
        for statistics in datasets.map(\.statistics) {
            (sum.rows, sum.rejected) = (sum.rows + statistics.rows, sum.rejected + statistics.rejected)
            (sum.documents, sum.tokens) = (sum.documents + statistics.documents, sum.tokens + statistics.tokens)
            (sum.learnt, sum.longest) = (sum.learnt + statistics.learnt, max(sum.longest, statistics.longest))
        }
        return sum
    }
}

extension DataChoice.Format {
    var format: DataFormat {
        switch self {
        case .jsonl: .jsonLines
        case .json: .json
        case .csv: .csv
        case .tsv: .tsv
        case .text: .text(.whole)
        case .lines: .text(.lines)
        case .paragraphs: .text(.blankLines)
        }
    }
}
