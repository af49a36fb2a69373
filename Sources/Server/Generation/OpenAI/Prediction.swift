import Inference
import Text

/// What a client believes the answer will say, as OpenAI's `prediction` has it; a right guess saves time, a wrong one changes nothing.
enum Prediction {
    static func tokens(_ field: JSONField, _ vocabulary: any Vocabulary) throws -> [Int] {
        guard let field = field.optional else { return [] }
        _ = try field.object
        guard try field["type"].string == "content" else { throw field["type"].unexpected("'content'") }
        return vocabulary.encode(try text(field["content"]), addSpecial: false, parseSpecial: false)
    }

    private static func text(_ field: JSONField) throws -> String {
        if let text = field.value?.string { return text }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of parts") }
        return try field.elements.map { part in
            guard try part["type"].string == "text" else { throw part["type"].unexpected("'text'") }
            return try part["text"].string
        }.joined()
    }
}
