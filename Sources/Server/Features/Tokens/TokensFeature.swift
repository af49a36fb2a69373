package import Hummingbird
import Text

/// `POST /tokenize`, `POST /detokenize`, `GET /tokenizer_info`: what evaluators, and people who count, ask of a tokenizer.
///
/// Three dialects are understood: `{prompt, add_special_tokens}` and `{messages}` of vLLM, `{content, add_special}` of llama.cpp.
package struct Tokens: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("tokenize", use: tokenize)
        router.post("detokenize", use: detokenize)
        router.get("tokenizer_info", use: info)
    }

    @Sendable func tokenize(_ request: Request, _ context: AppContext) async throws -> Response {
        let (json, model, ignored) = try await open(request) { json in
            json["messages"].optional == nil ? Tokens.refusalsOfTexts : Tokens.refusalsOfMessages
        }
        let source = try Source(json)
        let ids = try await facilities.workshop.run { try source.encode(with: model) }
        let pieces = try json["with_pieces"].optional?.bool ?? false
        let spellings = try json["return_token_strs"].optional?.bool ?? false
        var response = Response { writer in
            writer.member("tokens") { writer in
                writer.array(ids) { writer, id in
                    guard pieces else { return writer.value(id) }
                    writer.object { writer in
                        writer.field("id", id)
                        writer.field("piece", String(decoding: model.vocabulary.bytes(of: id), as: UTF8.self))
                    }
                }
            }
            writer.field("count", ids.count)
            writer.field("max_model_len", model.card.contextLength)
            guard spellings else { return }
            writer.member("token_strs") { writer in
                writer.array(ids) { $0.value(model.vocabulary.token($1) ?? "") }
            }
        }
        response.headers.ignored = ignored
        return response
    }

    @Sendable func detokenize(_ request: Request, _ context: AppContext) async throws -> Response {
        let (json, model, ignored) = try await open(request) { _ in Tokens.refusalsOfIDs }
        let text = try await facilities.workshop.run {
            let vocabulary = model.vocabulary
            return vocabulary.text(of: try json["tokens"].tokens(vocabularySize: vocabulary.vocabularySize))
        }
        var response = Response { writer in
            writer.field("prompt", text)
            writer.field("content", text)
        }
        response.headers.ignored = ignored
        return response
    }

    @Sendable func info(_ request: Request, _ context: AppContext) async throws -> Response {
        let model = try await talker(request.uri.queryParameters["model"].map { String($0) })
        let vocabulary = model.vocabulary
        return Response { writer in
            writer.field("tokenizer_class", "YuyanTokenizer")
            writer.field("vocab_size", vocabulary.vocabularySize)
            writer.field("bos_token", vocabulary.bos.flatMap(vocabulary.token))
            writer.field("eos_token", vocabulary.eos.flatMap(vocabulary.token))
            writer.field("pad_token", vocabulary.pad.flatMap(vocabulary.token))
            writer.field("model_max_length", model.card.contextLength)
            writer.field("chat_template", model.card.chatTemplate)
        }
    }

    /// The body, the model it names, and the fields that nobody here knows.
    private func open(
        _ request: Request,
        _ refusals: (JSONField) -> Refusals
    ) async throws -> (JSONField, any GenerativeModel, ignored: [String]) {
        let json = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let ignored = try refusals(json).check(json)
        return (json, try await talker(json["model"].optional?.string), ignored)
    }

    private func talker(_ name: String?) async throws -> any GenerativeModel {
        try await facilities.talker(name, namesModel: false)
    }

    /// What makes a conversation, for its template.
    static let conversation: Set = [
        "messages", "tools", "tool_choice", "add_generation_prompt", "continue_final_message", "chat_template_kwargs",
        "reasoning_effort", "enable_thinking", "thinking", "thinking_budget",
    ]
    private static let shown: Set = ["model", "prompt", "content", "messages", "with_pieces", "return_token_strs"]

    private static let refusalsOfTexts = Refusals(
        [.template],
        known: shown.union(["add_special_tokens", "add_special", "parse_special"])
    )
    private static let refusalsOfMessages = Refusals(
        [.template],
        known: shown.union(conversation),
        within: Members.openAI
    )
    private static let refusalsOfIDs = Refusals([], known: ["model", "tokens"])
}

extension Tokens {
    /// What is to be cut into tokens.
    enum Source: Sendable {
        case text(String, addSpecial: Bool, parseSpecial: Bool)
        case conversation(Conversation)

        init(_ json: JSONField) throws {
            let given = ["prompt", "content", "messages"].filter { json[$0].optional != nil }
            guard given.count < 2 else {
                throw APIError.invalid(given[1], "'\(given[0])' and '\(given[1])' both have a text; send one.")
            }
            self = json["messages"].optional == nil ? try Source.text(json) : .conversation(try Conversation(json))
        }

        /// llama.cpp adds no special tokens unless told to, vLLM does unless told not to.
        private static func text(_ json: JSONField) throws -> Source {
            let parse = try json["parse_special"].optional?.bool ?? true
            let add = try json["add_special"].optional?.bool, adds = try json["add_special_tokens"].optional?.bool
            if let content = json["content"].optional {
                return .text(try content.string, addSpecial: add ?? false, parseSpecial: parse)
            }
            return .text(try json["prompt"].string, addSpecial: adds ?? true, parseSpecial: parse)
        }

        func encode(with model: any GenerativeModel) throws -> [Int] {
            switch self {
            case .text(let text, let addSpecial, let parseSpecial):
                return model.vocabulary.encode(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
            case .conversation(let conversation):
                return try model.encode(conversation)
            }
        }
    }
}
