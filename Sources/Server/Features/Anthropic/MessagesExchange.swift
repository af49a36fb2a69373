import HTTPTypes
import Inference
import Text

/// A conversation goes on, in Anthropic's words.
struct MessagesExchange: Dialect {
    let order: Order
    let id: String, model: String, promptTokens: Int
    /// The block that a stream is in.
    var blocks = AnthropicBlocks()
    /// Whether thoughts are told of, not told.
    let omitsThoughts: Bool

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        let ignored = try Self.refusals.check(body)
        var order = Order()
        order.sampling = try Sampling(anthropic: body, model.defaults)
        _ = try body["stop_sequences"].optional?.elements
        order.stop = try StopTexts.read(body["stop_sequences"])
        order.maxTokens = try Self.maxTokens(body["max_tokens"], model.card)
        order.takesWhatFits = true
        order.isStreamed = try body["stream"].optional?.bool ?? false
        order.priority = try Priority.steps(body)
        order.promptField = "messages"
        order.ignoredFields = ignored
        (id, self.model) = (facilities.stamp("msg_").id, model.card.name)
        try order.add(ChatAsk(anthropic: body), for: model, stamp: id, idPrefix: "toolu_")
        promptTokens = order.promptTokens
        omitsThoughts = body["thinking"]["display"].value == "omitted"
        self.order = order
    }

    /// Their API refuses more than a model can write, whatever the prompt; what the prompt leaves no room for ends the answer.
    private static func maxTokens(_ field: JSONField, _ card: ModelCard) throws -> Int {
        let wanted = try field.integer(in: 1...Int(Int32.max))
        guard wanted <= card.contextLength else {
            throw APIError.invalid(
                field.path,
                "'max_tokens' is \(wanted), but the context of '\(card.name)' holds \(card.contextLength) tokens: ask for no more.",
                code: "invalid_value"
            )
        }
        return wanted
    }

    static func write(_ error: APIError, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("type", "error")
            writer.member("error") { writer in
                writer.object { writer in
                    writer.field("type", error.anthropicType)
                    // They have no field for the field's name, so the message has it.
                    writer.field("message", error.namingMessage)
                }
            }
        }
    }

    /// Whether nothing is to be taken out of the messages: coding agents say so of thoughts.
    private static func keepsAll(_ management: JSON) -> Bool {
        guard let members = management.object, members.keys == ["edits"] else { return management == [:] }
        return members["edits"]?.array?.allSatisfy {
            $0["type"]?.string?.hasPrefix("clear_thinking_") == true && $0["keep"] == "all"
        } ?? false
    }

    static let refusals = Refusals(
        [
            .init("mcp_servers", "this server calls no other") { $0 == [] },
            .init("container", "this server runs no code"),
            .init("context_management", "send the messages that are to be read", allows: keepsAll),
        ],
        known: asked.union([
            "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "stream",
            "seed", Priority.field,  // theirs has neither; ours have
        ]),
        within: Members.anthropic
    )

    /// What is counted has no answer.
    static let refusalsOfCounts = Refusals([], known: asked, within: Members.anthropic)

    /// What both routes read.
    private static let asked: Set<String> = [
        "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "output_format", "metadata",
        "service_tier", "inference_geo", "cache_control", "betas", "speed",
    ]
}

extension Sampling {
    fileprivate init(anthropic body: JSONField, _ defaults: Sampling) throws {
        self = defaults
        (presencePenalty, frequencyPenalty, logitBias, seed) = (0, 0, [:], nil)
        if let field = body["temperature"].optional { temperature = Float(try field.double(in: 0...1)) }
        if let field = body["top_p"].optional { topP = Float(try field.double(in: 0...1)) }
        if let field = body["top_k"].optional { topK = try field.integer(in: 0...Int(Int32.max)) }
        seed = try body["seed"].optional?.seed
    }
}

extension APIError {
    /// Anthropic's word for it.
    fileprivate var anthropicType: String {
        switch status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 503 where code == "model_cannot_be_opened": "api_error"
        case 503, 529: "overloaded_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }
}
