import Foundation
import Text

/// What goes with the tokenizer.
extension BundleFolder {
    /// The tokenizer of tokenizer.json or, where there is none, of the file that it is made from.
    func tokenizer() throws -> TokenizerSpecification {
        let names = ["tokenizer.json", "tokenizer.model"]
        guard let name = names.first(where: has) else { throw BundleError.unsupported(file: path, what: lack) }
        do { return try tokenizer(name) } catch let error as JSONError {
            throw BundleError.malformed(file: file(name), problem: "\(error)")
        }
    }

    private func tokenizer(_ name: String) throws -> TokenizerSpecification {
        func optional(_ name: String) throws -> JSON? { has(name) ? try json(name) : nil }
        let configuration = try optional("tokenizer_config.json")
        guard name == "tokenizer.model" else {
            return try TokenizerSpecification(tokenizerJSON: json(name), configuration: configuration)
        }
        let pieces = try bytes(name), added = try optional("added_tokens.json")
        do {
            return try TokenizerSpecification(sentencePiece: pieces, configuration: configuration, added: added)
        } catch let error as TokenizerError {
            throw BundleError.malformed(file: file(name), problem: "\(error)")
        }
    }

    private var lack: String {
        has("vocab.json")
            ? "its tokenizer is a vocab.json, which does not say how text is cut; "
                + "save it with the reference library's AutoTokenizer, which makes a tokenizer.json"
            : "the folder has neither tokenizer.json nor tokenizer.model; put the one of the training beside config.json"
    }

    /// The chat template: a file of its own, or in tokenizer_config.json as text or as a list of named ones.
    func template() throws -> String? {
        if has("chat_template.jinja") { return try text("chat_template.jinja") }
        if has("chat_template.json") {
            return try JSONField(json("chat_template.json"))["chat_template"].value?.string
        }
        guard has("tokenizer_config.json") else { return nil }
        let field = JSONField(try json("tokenizer_config.json"))["chat_template"]
        if let text = field.value?.string { return text }
        guard let list = field.optional else { return nil }
        do {
            let templates = try list.elements.map { (name: try $0["name"].string, text: try $0["template"].string) }
            return (templates.first { $0.name == "default" } ?? templates.first)?.text
        } catch { throw BundleError.malformed(file: file("tokenizer_config.json"), problem: "\(error)") }
    }
}
