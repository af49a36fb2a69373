import Foundation
package import Text

/// Makes documents of examples: the token ids that a server would have, and which of them the model would have said.
package struct ExampleEncoder: Sendable {
    let tokenizer: Tokenizer
    /// nil for a base model, which knows no conversation.
    let template: ChatTemplate?

    /// - Parameter template: shows one moment, that of the call, wherever it shows the time.
    package init(_ tokenizer: Tokenizer, _ template: ChatTemplate?) {
        self.tokenizer = tokenizer
        let now = template?.clock() ?? Date()
        var template = template
        template?.clock = { now }
        self.template = template
    }

    /// The documents of an example, at least one; of a preference the chosen and the rejected.
    package func documents(_ example: Example) throws(RowProblem) -> [TokenizedDocument] {
        switch example {
        case .text(let text): [try document(text)]
        case .conversation(let chat): try lessons(chat, from: 0)
        case .preference(let pair): [try answer(pair.prompt, pair.chosen), try answer(pair.prompt, pair.rejected)]
        }
    }

    /// A text with BOS as the tokenizer has it, and EOS.
    private func document(_ text: String) throws(RowProblem) -> TokenizedDocument {
        var tokens = tokenizer.encode(text, addSpecial: true, parseSpecial: false)
        if let eos = tokenizer.eos, tokens.last != eos || !tokenizer.addsEOS { tokens.append(eos) }
        guard tokens.count > 1 else { throw RowProblem("the document is too short to learn from") }
        return TokenizedDocument(tokens, isLearnt: true)
    }

    private func answer(_ prompt: ChatExample, _ answer: [Message]) throws(RowProblem) -> TokenizedDocument {
        var chat = prompt
        chat.messages += answer
        let documents = try lessons(chat, from: prompt.messages.count)
        guard documents.count == 1 else {
            throw RowProblem("the chat template changes earlier turns of the answer, so that it is no single document")
        }
        return documents[0]
    }
}
