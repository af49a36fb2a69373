import Inference
import Text

extension Chat {
    /// The request, read and checked. Names are the wire's.
    struct Body: Sendable {
        let conversation: Conversation
        let fields: GenerationFields
        let maxTokens: Int?
        let topLogprobs: Int?
        /// Fields that nobody here knows.
        let ignored: [String]

        init(_ json: JSONField, model: any GenerativeModel, maximumChoices: Int) throws {
            ignored = try Body.refusals.check(json)
            fields = try GenerationFields(json, model: model, maximumChoices: maximumChoices)
            maxTokens = try Body.maxTokens(json)
            topLogprobs = try Body.topLogprobs(json)
            conversation = try Conversation(json)
        }

        func request(_ prompt: [Int], choice: Int, _ budget: ContextBudget) -> GenerationRequest {
            GenerationRequest(
                prompt: prompt,
                sampling: fields.sampling(ofChoice: choice),
                stop: fields.stop,
                maxTokens: budget.maxTokens,
                topLogprobs: topLogprobs,
                ignoreEOS: fields.ignoreEOS
            )
        }
    }
}

extension Chat.Body {
    private static func maxTokens(_ json: JSONField) throws -> Int? {
        let old = try json["max_tokens"].optional?.integer(in: 1...Int(Int32.max))
        let new = try json["max_completion_tokens"].optional?.integer(in: 1...Int(Int32.max))
        if let old, let new, old != new {
            throw APIError.invalid(
                "max_tokens",
                "'max_tokens' is \(old), but 'max_completion_tokens' is \(new); send one."
            )
        }
        return new ?? old
    }

    private static func topLogprobs(_ json: JSONField) throws -> Int? {
        let wanted = try json["logprobs"].optional?.bool ?? false
        guard let top = try json["top_logprobs"].optional?.integer(in: 0...20) else { return wanted ? 0 : nil }
        guard wanted || top == 0 else {
            throw APIError.invalid("top_logprobs", "'top_logprobs' needs 'logprobs': true.")
        }
        return wanted ? top : nil
    }
}

extension Chat.Body {
    static let refusals = Refusals(
        [
            .init("response_format", "this server does not constrain the output's form yet; only 'text' is") {
                $0["type"] == "text"
            },
            .init("tool_choice", "only 'none' and 'auto' are") { $0 == "none" || $0 == "auto" },
            .init("functions", "it was replaced by 'tools'") { $0 == [] },
            .init("function_call", "it was replaced by 'tool_choice'") { $0 == "none" || $0 == "auto" },
            .init("modalities", "this server answers in text") { $0 == ["text"] },
            .init("audio", "this server answers in text"),
            .init("prediction", "there is no such speculation here yet"),
            .init("web_search_options", "this server does not search the web yet"),
            .init("echo", "it is for /v1/completions") { $0 == false },
        ] + Refusals.Rule.constraints,
        known: GenerationFields.names.union(Refusals.administrative).union([
            "messages", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "tools",
            "chat_template_kwargs",
            "reasoning_effort", "parallel_tool_calls", "add_generation_prompt", "continue_final_message",
        ])
    )
}
