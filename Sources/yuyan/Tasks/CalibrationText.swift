import Bundles
import Checkpoints
import Foundation
import Inference
import Text
import Training

/// The text that a model reads to learn which of its weights matter.
struct CalibrationText {
    private let files: [String], sources: [DataSource]

    init(_ files: [String]) throws {
        self.files = files
        sources = try files.map { try DataSource(reading: ($0 as NSString).expandingTildeInPath) }
    }

    /// - Parameter chunks: the most pieces to read; nil for all.
    func importance(of bundle: ModelBundle, context asked: Int?, chunks: Int?, _ stop: StopFlag) throws -> Importance {
        let tokenizer = try Tokenizer(bundle.tokenizer)
        let most = try bundle.settings.positive("max_position_embeddings", default: 512)
        let context = asked ?? min(512, most)
        guard context <= most else { throw BadInput("--context \(context) is more than the model's \(most)") }
        let tokens = try tokens(tokenizer, bundle.chatTemplate(), atMost: chunks.map { $0.saturating(times: context) })
        guard tokens.count >= context else {
            let text = files.joined(separator: ", ")
            throw BadInput(
                "\(text) has \(tokens.count) tokens; one piece takes \(context), a good matrix 50,000 or more"
            )
        }
        let meter = Meter("reading", total: tokens.count / context * context) { "\(Figures.count($0)) tokens" }
        defer { meter.finish() }
        let bos = tokenizer.addsBOS ? tokenizer.bos : nil
        var found = try Inference.importance(of: bundle, reading: tokens, context: context, bos: bos) { read, _ in
            if stop.isSet { throw CancellationError() }
            meter.update(read)
        }
        found.texts = files.map { URL(filePath: $0).lastPathComponent }
        return found
    }

    private func tokens(_ tokenizer: Tokenizer, _ template: ChatTemplate?, atMost most: Int?) throws -> [Int] {
        let texts = MeasuredTexts(sources, tokenizer, template)
        var tokens: [Int] = []
        while tokens.count < most ?? .max, let document = texts.next() { tokens += document.tokens }
        if let error = texts.error { throw error }
        if let problem = texts.rejected.first {
            Terminal.complain("\(texts.rejected.count) rows were left out; the first: \(problem)")
        }
        return Array(tokens.prefix(most ?? .max))
    }
}

extension Int {
    fileprivate func saturating(times other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
