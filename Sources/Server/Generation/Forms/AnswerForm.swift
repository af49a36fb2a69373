import Grammars
import Text

/// What form an answer must have, where one was asked for.
enum AnswerForm: Sendable {
    /// A JSON object, whatever is in it.
    case object
    case schema(JSON, isStrict: Bool = false)
    case pattern(String)
    case choice([String])
    /// llama.cpp's notation.
    case gbnf(String)

    /// By what name a grammar of it is kept.
    var name: String {
        switch self {
        case .object: "object"
        case .schema(let schema, let isStrict): (isStrict ? "strict schema " : "schema ") + schema.text()
        case .pattern(let source): "pattern " + source
        case .choice(let texts): "choice " + JSON.array(texts.map(JSON.string)).text()
        case .gbnf(let source): "gbnf " + source
        }
    }

    func grammar() throws(GrammarError) -> Grammar {
        switch self {
        case .object: try SchemaCompiler.anyObject()
        case .schema(let schema, let isStrict): try SchemaCompiler.grammar(schema, isStrict ? .strict : .usual)
        case .pattern(let source): Grammar(.text(try Pattern.machine(source, .whole, path: "the pattern"), .plain))
        case .choice(let texts): Grammar(.choice(texts.map { .literal($0) }))
        case .gbnf(let source): try GBNF.grammar(source)
        }
    }
}

/// A form, and the field that asks for it.
struct AskedForm: Sendable {
    var form: AnswerForm, field: String
}

extension AskedForm {
    /// - Throws: a refusal that names the field.
    func grammar() throws(APIError) -> Grammar {
        do throws(GrammarError) {
            return try form.grammar()
        } catch {
            throw APIError(error, field: field)
        }
    }

    /// The fields of OpenAI, llama.cpp and vLLM that ask for a form; at most one of them may.
    static let fields: Set<String> = [
        "response_format", "grammar", "json_schema", "guided_json", "guided_regex", "guided_choice", "guided_grammar",
        "structured_outputs",
    ]

    static func read(_ body: JSONField) throws -> AskedForm? {
        var asked: [AskedForm] = []
        if let form = try responseFormat(body["response_format"]) { asked.append(form) }
        for (name, kind) in [
            ("json_schema", "json"), ("guided_json", "json"), ("guided_regex", "regex"), ("guided_choice", "choice"),
            ("guided_grammar", "grammar"), ("grammar", "grammar"),
        ] {
            if let field = body[name].optional, let form = try form(kind, field) {
                asked.append(.init(form: form, field: name))
            }
        }
        if let field = body["structured_outputs"].optional {
            for (kind, value) in try field.object where value != .null {
                guard let form = try form(kind, field[kind]) else { continue }
                asked.append(.init(form: form, field: field[kind].path))
            }
        }
        guard asked.count < 2 else {
            throw APIError.invalid(
                asked[1].field,
                "'\(asked[0].field)' and '\(asked[1].field)' both ask for a form; send one."
            )
        }
        return asked.first
    }

    /// What a field of vLLM's names asks for; llama.cpp's mean the same.
    private static func form(_ kind: String, _ field: JSONField) throws -> AnswerForm? {
        switch kind {
        case "json":
            if let text = field.value?.string {
                guard let schema = try? JSON(parsing: text) else { throw field.unexpected("a JSON Schema") }
                return .schema(schema)
            }
            return .schema(.object(try field.object))
        case "regex": return .pattern(try field.string)
        case "grammar":
            let text = try field.string
            return text.isEmpty ? nil : .gbnf(text)
        case "choice":
            let texts = try field.elements.map { try $0.string }
            guard texts.contains(where: { !$0.isEmpty }) else {
                let found = texts.isEmpty ? nil : "one of empty strings alone"
                throw field.unexpected("an array with at least one text that is not empty", found: found)
            }
            return .choice(texts)
        case "json_object": return try field.bool ? .object : nil
        case "disable_fallback", "disable_any_whitespace", "disable_additional_properties":
            _ = try field.bool
            return nil
        default:
            throw APIError.unsupported(
                field.path,
                "'\(field.path)' is not supported: json, regex, choice, grammar and json_object are."
            )
        }
    }

    /// - Parameter isFlat: whether the members of `json_schema` are in the field itself, as the Responses API has them.
    static func responseFormat(_ field: JSONField, isFlat: Bool = false) throws -> AskedForm? {
        guard let field = field.optional else { return nil }
        _ = try field.object
        switch try field["type"].string {
        case "text": return nil
        case "json_object":
            // llama.cpp takes a schema here.
            guard let schema = field["schema"].optional else { return .init(form: .object, field: field.path) }
            return .init(form: .schema(.object(try schema.object)), field: schema.path)
        case "json_schema": return try named(isFlat ? field : field["json_schema"])
        default: throw field["type"].unexpected("'text', 'json_object' or 'json_schema'")
        }
    }

    /// A schema with its name, which OpenAI's API wants and nobody reads.
    private static func named(_ field: JSONField) throws -> AskedForm {
        _ = try field.object
        guard try field["name"].string.wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) != nil else {
            throw field["name"].unexpected("1 to 64 letters, digits, '_' or '-'")
        }
        _ = try field["description"].optional?.string
        let isStrict = try field["strict"].optional?.bool ?? false, schema = field["schema"]
        guard schema.value != false else { throw schema.unexpected("an object or true: false allows no answer at all") }
        let value: JSON = schema.value == true ? true : .object(try schema.object)
        return .init(form: .schema(value, isStrict: isStrict), field: schema.path)
    }
}
