import Foundation
package import Hummingbird
import Inference
import NIOCore
import Text

/// `POST /v1/embeddings`, as OpenAI defines it: one text, several, or token ids; floats or base64; shortened vectors.
package struct Embeddings: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/embeddings", use: create)
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let json = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let ignored = try Self.refusals.check(json)
        let model = try await facilities.vectorModel(json["model"].optional?.string, namesModel: true)
        let body = try await facilities.workshop.run { try Body(json, model) }
        let vectors = try await facilities.numbers(for: context, of: "input") { try await model.vectors(body.inputs) }
        let tokens = body.inputs.reduce(0) { $0 + $1.tokens.count }
        var response = try await facilities.workshop.run {
            Response { writer in
                writer.field("object", "list")
                writer.member("data") { writer in
                    writer.array(vectors.enumerated()) { writer, item in
                        writer.object { writer in
                            writer.field("object", "embedding")
                            writer.field("index", item.offset)
                            body.write(item.element, to: &writer)
                        }
                    }
                }
                writer.field("model", model.card.name)
                writer.member("usage") { writer in
                    writer.object { writer in
                        writer.field("prompt_tokens", tokens)
                        writer.field("total_tokens", tokens)
                    }
                }
            }
        }
        response.headers.ignored = ignored
        return response
    }

    private static let refusals = Refusals([], known: ["model", "input", "dimensions", "encoding_format", "user"])
}

extension Embeddings {
    struct Body {
        let inputs: [VectorInput]
        /// How long vectors are to be; nil: as they come.
        let dimensions: Int?
        let isBase64: Bool

        /// As many as OpenAI takes.
        static let mostInputs = 2048

        init(_ json: JSONField, _ model: any VectorService) throws {
            inputs = try Self.inputs(json["input"], model)
            _ = try json["user"].optional?.string
            dimensions = try json["dimensions"].optional?.integer(in: 1...model.dimensions)
            switch try json["encoding_format"].optional?.string ?? "float" {
            case "float": isBase64 = false
            case "base64": isBase64 = true
            default: throw json["encoding_format"].unexpected("float or base64")
            }
        }

        /// A text, texts, ids, or lists of ids.
        private static func inputs(_ input: JSONField, _ model: any VectorService) throws -> [VectorInput] {
            if let text = input.value?.string { return [try cut(text, input, model)] }
            guard let values = input.value?.array else {
                throw input.unexpected("a text, an array of texts, or token ids")
            }
            guard let first = values.first else { throw input.unexpected("at least one text") }
            if first.integer != nil { return [try ids(input, model)] }
            guard values.count <= mostInputs else {
                throw APIError.invalid(
                    "input",
                    "'input' has \(values.count) texts; at most \(mostInputs) are taken.",
                    code: "invalid_value"
                )
            }
            return try input.elements.map { element in
                if let text = element.value?.string { return try cut(text, element, model) }
                guard element.value?.array != nil else { throw element.unexpected("a text or token ids") }
                return try ids(element, model)
            }
        }

        private static func cut(_ text: String, _ field: JSONField, _ model: any VectorService) throws -> VectorInput {
            guard !text.isEmpty else { throw field.unexpected("a text") }
            let input = VectorInput(model.vocabulary.encode(text, addSpecial: true, parseSpecial: false))
            try model.requireFit(input, in: field.path)
            return input
        }

        private static func ids(_ field: JSONField, _ model: any VectorService) throws -> VectorInput {
            let tokens = try field.tokens(vocabularySize: model.vocabulary.vocabularySize)
            guard !tokens.isEmpty else { throw field.unexpected("at least one token id") }
            let input = VectorInput(tokens)
            try model.requireFit(input, in: field.path)
            return input
        }

        func write(_ vector: [Float], to writer: inout JSONWriter) {
            let vector = dimensions.map { Array(vector.prefix($0)).normalized } ?? vector
            writer.member("embedding") { writer in
                guard isBase64 else { return writer.array(vector) { $0.value($1) } }
                var bytes = Data(capacity: vector.count * 4)
                for value in vector {
                    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
                }
                writer.value(bytes.base64EncodedString())
            }
        }
    }
}
