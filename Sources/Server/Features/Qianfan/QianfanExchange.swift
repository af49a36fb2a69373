import HTTPTypes
import Text

/// A conversation goes on, in Qianfan's words: OpenAI's, with `penalty_score`, `enable_thinking` or `thinking.type`, and
/// `web_search`.
struct QianfanExchange: Dialect {
    private var chat: ChatExchange

    var order: Order { chat.order }

    init(_ body: JSONField, to model: any GenerativeModel, _ facilities: Facilities) throws {
        _ = try Self.refusals.check(body)
        let countsChunks = try body["stream_options"]["chunk_include_usage"].optional?.bool ?? false
        chat = try ChatExchange(
            Self.translated(body),
            to: model,
            facilities,
            identity: "as-",
            countsChunks: countsChunks,
            refusals: ChatExchange.refusalsOfQianfan
        )
    }

    /// The body in OpenAI's words.
    private static func translated(_ body: JSONField) throws -> JSONField {
        var members = try body.object
        if let penalty = body["penalty_score"].optional {
            let score = try penalty.double(in: 1...2)
            if let other = try body["repetition_penalty"].optional?.double, other != score {
                throw APIError.invalid(
                    "penalty_score",
                    "'penalty_score' is \(score), but 'repetition_penalty' is \(other); send one."
                )
            }
            members["repetition_penalty"] = .number(score)
        }
        for name in ["penalty_score", "web_search"] { members[name] = nil }
        return JSONField(.object(members), path: body.path)
    }

    private static let refusals = Refusals(
        [
            .init("web_search", "this server does not search the web yet") {
                let isOn = $0["enable"] ?? false
                return $0.object != nil && (isOn == false || isOn == .null)
            }
        ],
        known: []
    )

    func write(_ answer: Answer, to writer: inout JSONWriter) { chat.write(answer, to: &writer) }

    mutating func count(_ tokens: Int) { chat.count(tokens) }

    mutating func write(_ event: AnswerEvent, to writer: inout JSONWriter) { chat.write(event, to: &writer) }

    static func write(_ error: APIError, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("error") { writer in
                writer.object { writer in
                    writer.field("code", error.qianfanCode)
                    // They have no field for the field's name, so the message has it.
                    writer.field("message", error.namingMessage)
                    writer.field("type", error.status.code == 429 ? "rate_limit_exceeded" : error.kind.rawValue)
                }
            }
        }
    }
}

extension APIError {
    /// The message, with the name of the field that is wrong.
    var namingMessage: String {
        guard let param, !message.contains("'\(param)'") else { return message }
        return "\(param): \(message)"
    }

    /// Qianfan's word for it (its list of errors, https://cloud.baidu.com/doc/qianfan-api/s/nm7u4mtyv).
    fileprivate var qianfanCode: String {
        switch code {
        case "invalid_json": "malformed_json"
        case "model_not_found": "invalid_model"
        case "context_length_exceeded": "tokens_too_long"
        case "invalid_api_key": "invalid_iam_token"
        case "engine_overloaded": "rpm_rate_limit_exceeded"
        default:
            switch status.code {
            case 400, 413, 415, 422: "invalid_argument"
            case 401, 403: "access_denied"
            case 500...: "internal_error"
            default: code ?? "invalid_request"
            }
        }
    }
}
