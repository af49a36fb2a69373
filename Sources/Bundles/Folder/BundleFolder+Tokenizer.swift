import Foundation
import Text

/// What goes with the tokenizer.
extension BundleFolder {
    /// The tokenizer of tokenizer.json or, where there is none, of the file that it is made from.
    ///
    /// - Parameter type: the network's `model_type`, by which families are known whose files do not say how they cut text.
    func tokenizer(of type: String) throws -> TokenizerSpecification {
        let names = ["tokenizer.json", "tokenizer.model", "qwen.tiktoken"]
        guard let name = names.first(where: has) else { throw BundleError.unsupported(file: path, what: lack) }
        let configuration = has("tokenizer_config.json") ? try json("tokenizer_config.json") : nil
        do {
            guard name != "tokenizer.json" else {
                return try TokenizerSpecification(tokenizerJSON: json(name), configuration: configuration)
            }
            return try tokenizer(name, of: type, configuration)
        } catch let error as JSONError { throw BundleError.malformed(file: file(name), problem: "\(error)") }
    }

    /// One of the files that the reference library makes a tokenizer.json from.
    private func tokenizer(_ name: String, of type: String, _ configuration: JSON?) throws -> TokenizerSpecification {
        let bytes = try bytes(name)
        do {
            guard TokenizerSpecification.isTiktoken(bytes) else {
                let added = has("added_tokens.json") ? try json("added_tokens.json") : nil
                return try TokenizerSpecification(sentencePiece: bytes, configuration: configuration, added: added)
            }
            guard let family = TiktokenFamily.named(type) else {
                let what = "it does not say how “\(type)” cuts text into words; \(Self.remedy)"
                throw BundleError.unsupported(file: file(name), what: what)
            }
            return try TokenizerSpecification(tiktoken: bytes, family, configuration: configuration)
        } catch let error as TokenizerError { throw BundleError.malformed(file: file(name), problem: "\(error)") }
    }

    private static let remedy = "save it with the reference library's AutoTokenizer, which makes a tokenizer.json"

    private var lack: String {
        has("vocab.json")
            ? "its tokenizer is a vocab.json, which does not say how text is cut into words; \(Self.remedy)"
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
