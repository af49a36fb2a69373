import Text

/// Blocks of Anthropic's content that are texts to the model: plain ones, documents and results of a search.
enum AnthropicBlock {
    /// Nil where the block is none of them.
    static func text(_ block: JSONField) throws -> String? {
        let type = try block["type"].string
        guard ["text", "document", "search_result"].contains(type) else { return nil }
        try AnthropicNotes.checkCache(block)
        switch type {
        case "text":
            try checkCitations(block)
            return try block["text"].string
        case "document": return try document(block)
        default: return try searchResult(block)
        }
    }

    static func unreadable(_ block: JSONField) throws -> any Error {
        let type = try block["type"].string
        return APIError.unsupported(
            block.path,
            "'\(block.path)' is a block of type '\(type.prefix(80))', which this model cannot read."
        )
    }

    private static func document(_ block: JSONField) throws -> String {
        try refuseCitations(block)
        let heads = [("title", block["title"]), ("context", block["context"])]
        return try tagged("document", heads, try contents(block["source"]))
    }

    /// The text of a document's source. Files of other kinds would have to be read first.
    private static func contents(_ source: JSONField) throws -> String {
        let type = try source["type"].string
        switch type {
        case "text":
            guard try source["media_type"].string == "text/plain" else {
                throw source["media_type"].unexpected("'text/plain'")
            }
            return try source["data"].string
        case "content":
            let content = source["content"]
            if let text = content.value?.string { return text }
            return try texts(content)
        case "base64", "url", "file":
            let kind =
                type == "base64"
                ? source["media_type"].value?.string ?? "application/pdf" : "a source of type '\(type)'"
            throw APIError.unsupported(
                source.path,
                "'\(source.path)' is \(kind), which is not read here: send the document's text, as a source of type 'text'."
            )
        default: throw source["type"].unexpected("'text' or 'content'")
        }
    }

    private static func searchResult(_ block: JSONField) throws -> String {
        try refuseCitations(block)
        let heads = [("source", block["source"]), ("title", block["title"])]
        for (_, head) in heads { _ = try head.string }
        return try tagged("search_result", heads, try texts(block["content"]))
    }

    private static func texts(_ content: JSONField) throws -> String {
        try content.elements.map { part in
            guard try part["type"].string == "text" else { throw try unreadable(part) }
            try AnthropicNotes.checkCache(part)
            try checkCitations(part)
            return try part["text"].string
        }.joined(separator: "\n")
    }

    /// As Anthropic advises people to show documents to a model: in tags, each thing in one of its own.
    static func tagged(_ name: String, _ heads: [(String, JSONField)], _ text: String? = nil) throws -> String {
        var lines = ["<\(name)>"]
        for (head, field) in heads {
            if let value = try field.optional?.string { lines.append("<\(head)>\(value)</\(head)>") }
        }
        if let text { lines.append(text) }
        return (lines + ["</\(name)>"]).joined(separator: "\n")
    }

    /// What a text has cited, as their API itself tells it in answers: nothing to the model, and still to be what it is called.
    private static func checkCitations(_ text: JSONField) throws {
        for citation in try text["citations"].optional?.elements ?? [] {
            _ = try citation.object
            try OpenAIFields.word(of: locations, citation["type"])
        }
    }

    private static let locations = [
        "char_location", "page_location", "content_block_location", "web_search_result_location",
        "search_result_location",
    ]

    /// An answer without the citations that were asked for would look as if there were none.
    private static func refuseCitations(_ block: JSONField) throws {
        guard let citations = block["citations"].optional else { return }
        _ = try citations.object
        guard try citations["enabled"].optional?.bool ?? false else { return }
        throw APIError.unsupported(
            citations["enabled"].path,
            "'\(citations["enabled"].path)' is not supported: this server cites nothing. Leave it out."
        )
    }
}
