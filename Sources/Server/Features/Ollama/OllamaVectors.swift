import HTTPTypes
import Hummingbird
import Inference
import Text

/// `POST /api/embed`: vectors of one text or several; `POST /api/embeddings` is its forerunner, with one `prompt`.
struct OllamaVectors: Sendable {
    let model: any VectorService
    let inputs: [VectorInput]
    /// The one that has the texts.
    private let field: String
    /// How long vectors are to be; nil: as they come.
    let dimensions: Int?
    let keepAlive: KeepAlive?
    let ignored: [String]
    /// The texts that were too long, which the answer tells.
    private let truncated: [String]

    /// - Parameter field: the one that has the texts.
    init(_ body: JSONField, of model: any VectorService, in field: String) throws {
        (self.model, self.field) = (model, field)
        let known: Set = ["model", field, "truncate", "dimensions", "options", "keep_alive"]
        let ignored = try Refusals([], known: known).check(body)
        let options = try OllamaOptions.check(body["options"])
        self.ignored = ignored + options.map { "options.\($0)" }
        dimensions = try body["dimensions"].optional?.integer(in: 1...model.dimensions)
        keepAlive = try KeepAlive(body["keep_alive"])
        let truncates = try body["truncate"].optional?.bool ?? true, texts = body[field]
        let fields = field == "input" && texts.value?.array != nil ? try texts.elements : [texts]
        guard fields.count <= Embeddings.Body.mostInputs else {
            throw texts.unexpected("at most \(Embeddings.Body.mostInputs) texts")
        }
        let read = try fields.map { try Self.input($0, model, truncates) }
        (inputs, truncated) = (read.map(\.input), zip(fields, read).filter(\.1.isTruncated).map(\.0.path))
    }

    private static func input(
        _ field: JSONField,
        _ model: any VectorService,
        _ truncates: Bool
    ) throws -> (input: VectorInput, isTruncated: Bool) {
        let text = try field.string
        guard !text.isEmpty else { throw field.unexpected("a text") }
        let tokens = model.vocabulary.encode(text, addSpecial: true, parseSpecial: false)
        let limit = model.card.contextLength
        guard truncates, tokens.count > limit else {
            let input = VectorInput(tokens)
            try model.requireFit(input, in: field.path, or: "leave out 'truncate': false")
            return (input, false)
        }
        // The mark at the end stays.
        let end = tokens.last == model.vocabulary.eos ? 1 : 0
        return (VectorInput(Array(tokens.prefix(limit - end)) + tokens.suffix(end)), true)
    }

    /// Tells beside an answer what it leaves out.
    func note(in headers: inout HTTPFields) { (headers.ignored, headers.truncated) = (ignored, truncated) }

    func vectors(by facilities: Facilities, _ context: AppContext) async throws -> [[Float]] {
        guard !inputs.isEmpty else { return [] }
        let (model, inputs) = (model, inputs)
        let vectors = try await facilities.numbers(for: context, of: field) { try await model.vectors(inputs) }
        guard let dimensions else { return vectors }
        return vectors.map { Array($0.prefix(dimensions)).normalized }
    }

    var tokens: Int { inputs.reduce(0) { $0 + $1.tokens.count } }
}

extension Ollama {
    @Sendable func embed(_ request: Request, _ context: AppContext) async throws -> Response {
        let (asked, opening) = try await vectors(request, context, "input")
        let start = ContinuousClock.now, vectors = try await asked.vectors(by: facilities, context)
        let elapsed = ContinuousClock.now - start
        var response = Response { writer in
            writer.field("model", asked.model.card.name)
            writer.member("embeddings") { writer in
                writer.array(vectors) { writer, vector in writer.array(vector) { $0.value($1) } }
            }
            writer.field("total_duration", (opening + elapsed).nanoseconds)
            writer.field("load_duration", opening.nanoseconds)
            writer.field("prompt_eval_count", asked.tokens)
        }
        asked.note(in: &response.headers)
        return response
    }

    @Sendable func embeddings(_ request: Request, _ context: AppContext) async throws -> Response {
        let (asked, _) = try await vectors(request, context, "prompt")
        let vectors = try await asked.vectors(by: facilities, context)
        var response = Response { writer in
            writer.member("embedding") { $0.array(vectors.first ?? []) { $0.value($1) } }
        }
        asked.note(in: &response.headers)
        return response
    }

    /// What is asked, and how long the model took to open.
    private func vectors(
        _ request: Request,
        _ context: AppContext,
        _ field: String
    ) async throws -> (OllamaVectors, Duration) {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let name = try OllamaChat.modelName(body), start = ContinuousClock.now
        let model = try await facilities.vectorModel(name, namesModel: true)
        let opening = ContinuousClock.now - start
        let asked = try await facilities.workshop.run { try OllamaVectors(body, of: model, in: field) }
        if let keepAlive = asked.keepAlive { facilities.vectors.keep(model.card.name, for: keepAlive.duration) }
        return (asked, opening)
    }
}
