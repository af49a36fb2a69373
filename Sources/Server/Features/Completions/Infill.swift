import Inference
import Text

/// How a model was taught to fill in between two texts: tokens around the text before and the text behind, with the text between
/// to follow (Bavarian et al. 2022, "prefix, suffix, middle").
struct Infill: Sendable {
    private let before: Int, behind: Int, between: Int

    /// The marks of Qwen2.5-Coder and CodeGemma, of StarCoder and Granite, and of DeepSeek-Coder, as their tokenizers spell them.
    private static let known: [(before: String, behind: String, between: String)] = [
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"), ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    ]

    /// Nil where the vocabulary has no such tokens.
    init?(_ vocabulary: any Vocabulary) {
        func token(_ text: String) -> Int? {
            let ids = vocabulary.encode(text, addSpecial: false, parseSpecial: true)
            return ids.count == 1 && vocabulary.token(ids[0]) == text ? ids[0] : nil
        }
        for form in Self.known {
            guard let before = token(form.before), let behind = token(form.behind), let between = token(form.between)
            else { continue }
            (self.before, self.behind, self.between) = (before, behind, between)
            return
        }
        return nil
    }

    /// The marks of a model that fills in.
    ///
    /// - Parameter field: the one that has the text behind.
    static func required(of model: any GenerativeModel, _ field: JSONField) throws(APIError) -> Infill {
        guard let infill = Infill(model.vocabulary) else {
            throw .unsupported(
                field.path,
                "'\(field.path)' is not supported: '\(model.card.name)' has no tokens to fill in between two texts with. Leave it out, or ask another model."
            )
        }
        return infill
    }

    func prompt(_ prompt: Order.Prompt, suffix: String, _ vocabulary: any Vocabulary) -> Order.Prompt {
        func plain(_ text: String) -> [Int] { vocabulary.encode(text, addSpecial: false, parseSpecial: false) }
        let prefix =
            switch prompt {
            case .text(let text): plain(text)
            case .tokens(let ids): ids
            }
        // What such a model begins every text with, it was shown here as well.
        let start = vocabulary.encode("", addSpecial: true, parseSpecial: false).prefix { $0 == vocabulary.bos }
        var ids = Array(start)
        ids += [before] + prefix
        ids += [behind] + plain(suffix)
        return .tokens(ids + [between])
    }
}
