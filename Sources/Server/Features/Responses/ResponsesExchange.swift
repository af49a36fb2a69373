import Inference
import Text

/// A conversation goes on, in the words of OpenAI's Responses API.
struct ResponsesExchange: Dialect {
    let order: Order
    let stamp: Stamp, model: String
    /// What the request said, which the response says again.
    private let asked: OrderedObject
    var items: [ResponseItem] = []
    /// How many items have ended, and how many events there were.
    var closed = 0, sequence = 0

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        let ignored = try Self.refusals.check(body)
        (stamp, self.model) = (facilities.stamp("resp_"), model.card.name)
        var order = try Order(openAI: body, for: model, maximumChoices: 1)
        order.maxTokens = try body["max_output_tokens"].optional?.integer(in: 1...Int(Int32.max))
        order.promptField = "input"
        order.ignoredFields = ignored
        try order.add(ChatAsk(responses: body), for: model, stamp: stamp.id)
        asked = Self.echo(body, order)
        self.order = order
    }

    private static func echo(_ body: JSONField, _ order: Order) -> OrderedObject {
        let standard: OrderedObject = [
            "instructions": .null, "max_output_tokens": .null, "metadata": [:], "parallel_tool_calls": true,
            "reasoning": ["effort": .null, "summary": .null], "text": ["format": ["type": "text"]],
            "tool_choice": "auto",
            "tools": [],
        ]
        var asked = OrderedObject(standard.map { ($0, body[$0].optional?.value ?? $1) })
        (asked["temperature"], asked["top_p"]) = (number(order.sampling.temperature), number(order.sampling.topP))
        (asked["truncation"], asked["store"], asked["previous_response_id"]) = ("disabled", false, .null)
        return asked
    }

    /// A float as people write it.
    private static func number(_ value: Float) -> JSON { .number(Double(value.description) ?? Double(value)) }

    private static let refusals = Refusals(
        [
            .init("previous_response_id", "nothing is kept here; send the whole input"),
            .init("conversation", "nothing is kept here; send the whole input"),
            .init("background", "an answer is waited for, or streamed") { $0 == false },
            .init("prompt", "there are no stored prompts; send 'input'"),
            .init("context_management", "send the input that is to be read") { $0 == [] },
            .init("top_logprobs", "ask /v1/chat/completions for them") { $0 == 0 },
        ],
        known: OpenAIFields.names.union(Refusals.administrative).union([
            "input", "instructions", "max_output_tokens", "max_tool_calls", "parallel_tool_calls", "tools",
            "tool_choice", "text",
            "reasoning", "truncation", "include", "stream_options", "moderation",
        ])
    )
}

// MARK: The whole

extension ResponsesExchange {
    func write(_ answer: Answer, to writer: inout JSONWriter) {
        var exchange = self
        guard let choice = answer.choices.first else { return }
        if !choice.thought.trimmed.isEmpty { exchange.add(.reasoning, choice.thought.trimmed) }
        if !choice.text.trimmed.isEmpty { exchange.add(.message, choice.text) }
        for call in choice.calls {
            exchange.add(.call, call.arguments.string ?? "")
            exchange.items[exchange.items.count - 1].callID = call.id ?? ""
            exchange.items[exchange.items.count - 1].name = call.name
        }
        exchange.writeResponse(choice.ending, answer.outcome, to: &writer)
    }

    mutating func add(_ kind: ResponseItem.Kind, _ text: String = "") {
        let prefixes: [ResponseItem.Kind: String] = [.reasoning: "rs_", .message: "msg_", .call: "fc_"]
        let id = (prefixes[kind] ?? "") + stamp.id.dropFirst("resp_".count) + String(items.count)
        items.append(ResponseItem(kind: kind, id: id, text: text))
    }

    /// - Parameter ending: nil while it is not over.
    func writeResponse(_ ending: Ending?, _ outcome: Outcome?, to writer: inout JSONWriter) {
        let isCut = ending?.reason == .length
        writer.object { writer in
            writer.field("id", stamp.id)
            writer.field("object", "response")
            writer.field("created_at", stamp.created)
            writer.field("status", ending == nil ? "in_progress" : isCut ? "incomplete" : "completed")
            writer.null("error")
            writer.field("incomplete_details", isCut ? ["reason": "max_output_tokens"] : .null)
            writer.field("model", model)
            writer.member("output") { writer in
                writer.array(ending == nil ? [] : items) { writer, item in
                    item.write(isCut && item.id == items.last?.id ? "incomplete" : "completed", to: &writer)
                }
            }
            for (name, value) in asked { writer.member(name) { $0.value(value) } }
            writer.member("usage") { writer in
                if let outcome, ending != nil { Self.writeUsage(outcome, to: &writer) } else { writer.null() }
            }
        }
    }

    private static func writeUsage(_ outcome: Outcome, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("input_tokens", outcome.promptTokens)
            writer.member("input_tokens_details") { $0.object { $0.field("cached_tokens", outcome.cachedTokens) } }
            writer.field("output_tokens", outcome.completionTokens)
            writer.member("output_tokens_details") { $0.object { $0.field("reasoning_tokens", 0) } }
            writer.field("total_tokens", outcome.promptTokens + outcome.completionTokens)
        }
    }
}
