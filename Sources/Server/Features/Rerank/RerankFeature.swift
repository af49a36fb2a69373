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
        let (scores, tokens) = try await score(body, model, context)
        let best = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        let stamp = facilities.stamp("rerank-")
        var response = Response { writer in
            writer.field("id", stamp.id)
            writer.field("object", "list")
            writer.field("model", model.card.name)
            writer.member("results") { writer in
                writer.array(best.prefix(body.most ?? best.count)) { writer, index in
                    writer.object { writer in
                        writer.field("index", index)
                        writer.field("relevance_score", Double(scores[index]))
                        guard body.returnsDocuments else { return }
                        writer.member("document") { $0.object { $0.field("text", body.documents[index]) } }
                    }
                }
            }
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
        response.headers.ignored = ignored
        return response
    }

    private static let refusals = Refusals([], known: ["model", "query", "documents", "top_n", "return_documents"])

    /// From 0 to 1 for a reranker, from -1 to 1 for vectors.
    private func score(
        _ body: Body,
        _ model: any VectorService,
        _ context: AppContext
    ) async throws -> (scores: [Float], tokens: Int) {
        let inputs = try await facilities.workshop.run { try body.inputs(of: model) }
        let tokens = inputs.reduce(0) { $0 + $1.tokens.count }
        let scores = try await facilities.numbers(for: context, of: "documents") {
            guard !model.ranks else { return try await model.scores(inputs).map { 1 / (1 + exp(-$0)) } }
            let vectors = try await model.vectors(inputs).map(\.normalized)
            return vectors.dropFirst().map { zip(vectors[0], $0).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        return (scores, tokens)
    }
}

extension Rerank.Body {
    /// The documents, each with the query, for a model that ranks; for another the query and then the documents.
    func inputs(of model: any VectorService) throws -> [VectorInput] {
        if model.ranks {
            return try documents.enumerated().map { index, document in
                let pair = model.pair(query, document)
                try model.requireFit(pair, in: "documents[\(index)]", or: "the query that is read with it")
                return pair
            }
        }
        return try ([query] + documents).enumerated().map { index, text in
            let input = VectorInput(model.vocabulary.encode(text, addSpecial: true, parseSpecial: false))
            try model.requireFit(input, in: index == 0 ? "query" : "documents[\(index - 1)]")
            return input
        }
    }
}

extension Rerank {
    struct Body {
        let query: String, documents: [String], most: Int?, returnsDocuments: Bool

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
        }
    }
}
