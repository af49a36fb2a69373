import Foundation
package import Hummingbird
import Inference
import Text

/// `POST /v1/rerank`, and under the names that Jina's and Cohere's clients use: documents ordered by how well they answer a query.
///
/// A reranker reads query and document together. A model that only makes vectors is asked for the cosine of the two.
package struct Rerank: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        for path in ["v1/rerank", "v2/rerank", "rerank"] { router.post(RouterPath(path), use: create) }
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let json = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let ignored = try Self.refusals.check(json)
        let model = try await facilities.vectorModel(json["model"].optional?.string, ranking: true)
        let body = try Body(json)
        let inputs = try await facilities.workshop.run { try body.inputs(of: model) }
        let scores = try await score(inputs.texts, model, context)
        let tokens = inputs.texts.reduce(0) { $0 + $1.tokens.count }
        let stamp = facilities.stamp("rerank-")
        var response = Response { writer in
            writer.field("id", stamp.id)
            writer.field("object", "list")
            writer.field("model", model.card.name)
            writer.member("results") { body.write(scores, to: &$0) }
            writer.member("usage") { writer in
                writer.object { writer in
                    writer.field("prompt_tokens", tokens)
                    writer.field("total_tokens", tokens)
                }
            }
            writer.member("meta") {
                $0.object { $0.member("billed_units") { $0.object { $0.field("search_units", 1) } } }
            }
        }
        (response.headers.ignored, response.headers.truncated) = (ignored, inputs.cut)
        return response
    }

    private static let refusals = Refusals(
        [],
        known: ["model", "query", "documents", "top_n", "return_documents", "max_tokens_per_doc"]
    )

    /// From 0 to 1 for a reranker, from -1 to 1 for vectors.
    private func score(
        _ texts: [VectorInput],
        _ model: any VectorService,
        _ context: AppContext
    ) async throws -> [Float] {
        try await facilities.numbers(for: context, of: "documents") {
            guard !model.ranks else { return try await model.scores(texts).map { 1 / (1 + exp(-$0)) } }
            let vectors = try await model.vectors(texts).map(\.normalized)
            return vectors.dropFirst().map { vector in
                let cosine = zip(vectors[0], vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                // Rounding takes vectors of one direction a little beyond.
                return min(1, max(-1, cosine))
            }
        }
    }
}

extension Rerank.Body {
    /// What the model reads: the documents, each with the query, where it ranks; otherwise the query and then the documents.
    struct Inputs {
        var texts: [VectorInput] = []
        /// The documents that were too long.
        var cut: [String] = []
    }

    func inputs(of model: any VectorService) throws -> Inputs {
        var inputs = Inputs()
        if !model.ranks {
            inputs.texts = [Self.alone(query, model)]
            try model.requireFit(inputs.texts[0], in: "query")
        }
        let reader = model.ranks ? "the query that is read with it, or " : ""
        let remedy = reader + (mostTokens == nil ? "set" : "lower") + " 'max_tokens_per_doc'"
        for (index, document) in documents.enumerated() {
            let whole = model.ranks ? model.pair(query, document) : Self.alone(document, model)
            let cut = mostTokens.flatMap { whole.cut(to: $0, of: model.vocabulary) }, path = "documents[\(index)]"
            try model.requireFit(cut ?? whole, in: path, or: remedy)
            inputs.texts.append(cut ?? whole)
            if cut != nil { inputs.cut.append(path) }
        }
        return inputs
    }

    private static func alone(_ text: String, _ model: any VectorService) -> VectorInput {
        VectorInput(model.vocabulary.encode(text, addSpecial: true, parseSpecial: false))
    }

    fileprivate func write(_ scores: [Float], to writer: inout JSONWriter) {
        let best = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        writer.array(best.prefix(most ?? best.count)) { writer, index in
            writer.object { writer in
                writer.field("index", index)
                writer.field("relevance_score", Double(scores[index]))
                guard returnsDocuments else { return }
                writer.member("document") { $0.object { $0.field("text", documents[index]) } }
            }
        }
    }
}

extension VectorInput {
    /// The same with so many of the document's tokens, and the marks around them; nil where it has no more.
    fileprivate func cut(to most: Int, of vocabulary: any Vocabulary) -> VectorInput? {
        let opening = tokens.first.map { Int($0) } == vocabulary.bos ? 1 : 0
        let start = segments.map { $0.firstIndex(of: 1) ?? $0.count } ?? opening
        let end = tokens.count - (tokens.last.map { Int($0) } == vocabulary.eos ? 1 : 0)
        guard end - start > most else { return nil }
        let kept = Array(0..<start + most) + Array(end..<tokens.count), ids = kept.map { Int(tokens[$0]) }
        guard let segments else { return VectorInput(ids) }
        return VectorInput(ids, segments: kept.map { Int(segments[$0]) })
    }
}

extension Rerank {
    struct Body {
        let query: String, documents: [String], most: Int?, returnsDocuments: Bool
        /// Of a document; nil: all.
        let mostTokens: Int?

        /// As many as Cohere takes.
        static let mostDocuments = 10_000

        init(_ json: JSONField) throws {
            query = try json["query"].string
            guard !query.isEmpty else { throw json["query"].unexpected("a text") }
            let fields = try json["documents"].elements
            guard !fields.isEmpty else { throw json["documents"].unexpected("at least one document") }
            guard fields.count <= Self.mostDocuments else {
                let message = "'documents' has \(fields.count) texts; at most \(Self.mostDocuments) are taken."
                throw APIError.invalid("documents", message, code: "invalid_value")
            }
            documents = try fields.map { field in
                let text = field.value?.object == nil ? field : field["text"]
                guard try !text.string.isEmpty else { throw text.unexpected("a text") }
                return try text.string
            }
            most = try json["top_n"].optional?.integer(in: 1...Int(Int32.max))
            returnsDocuments = try json["return_documents"].optional?.bool ?? false
            mostTokens = try json["max_tokens_per_doc"].optional?.integer(in: 1...Int(Int32.max))
        }
    }
}
