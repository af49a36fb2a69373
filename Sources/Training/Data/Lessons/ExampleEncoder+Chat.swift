import Text

extension ExampleEncoder {
    /// Every answer after the very ids that a server would have for its prompt.
    ///
    /// Answers share a document as long as the next prompt begins with what is there; where a template drops or changes what was
    /// said before, the next answer begins a document of its own.
    ///
    /// - Parameter first: the first message that may be learnt.
    func lessons(_ chat: ChatExample, from first: Int) throws(RowProblem) -> [TokenizedDocument] {
        var documents: [TokenizedDocument] = [], current = TokenizedDocument()
        for index in chat.messages.indices.dropFirst(max(first, 1))
        where chat.messages[index].role == .assistant && !chat.unlearnt.contains(index) {
            let prompt = try prompt(chat, before: index)
            let answer = try answer(to: prompt, chat, at: index)
            if !prompt.starts(with: current.tokens) {
                documents.append(current)
                current = TokenizedDocument()
            }
            current.append(prompt.dropFirst(current.count), isLearnt: false)
            current.append(answer, isLearnt: true)
        }
        guard current.learnt > 0 else { throw RowProblem("the assistant says nothing that is to be learnt") }
        return documents + [current]
    }

    /// What a server reads before it answers.
    private func prompt(_ chat: ChatExample, before index: Int) throws(RowProblem) -> [Int] {
        try encode(chat, chat.messages[..<index], isPrompting: true)
    }

    private func encode(
        _ chat: ChatExample,
        _ messages: ArraySlice<Message>,
        isPrompting: Bool
    ) throws(RowProblem) -> [Int] {
        guard let template else {
            throw RowProblem(
                "it is a conversation, and the model has no chat template; learn from texts, or name a template"
            )
        }
        do {
            let text = try template.render(
                Array(messages),
                tools: chat.tools.map(\.json),
                addGenerationPrompt: isPrompting,
                extra: chat.extra
            )
            return tokenizer.encode(text, addSpecial: false, parseSpecial: true)
        } catch {
            let reason = (error as? TemplateError)?.message ?? "\(error)"
            throw RowProblem("the chat template refuses the first \(messages.count) messages: \(reason)")
        }
    }

    /// What the model should say after a prompt, with the token that ends its turn.
    private func answer(to prompt: [Int], _ chat: ChatExample, at index: Int) throws(RowProblem) -> [Int] {
        let whole = try encode(chat, chat.messages[...index], isPrompting: false)
        let common = zip(prompt, whole).prefix { $0 == $1 }.count
        guard common < prompt.count else { return ended(Array(whole[common...])) }
        if let start = beginningOfThought(prompt), start <= common {
            return ended(afterThought(whole[start...], chat.messages[index]))
        }
        let left = prompt[common...], shown = whole[common...]
        if Self.emptyThoughts.contains(tokenizer.decode(left).filter { !$0.isWhitespace }) {
            return ended(Array(shown))
        }
        // A prompt may hold more than the same turns do once they are answered, such as instructions before its last question.
        guard let overlap = (1...left.count).reversed().first(where: { shown.starts(with: left.suffix($0)) }) else {
            throw RowProblem("the chat template does not show message \(index + 1) after what it ends its prompt with")
        }
        return ended(Array(shown.dropFirst(overlap)))
    }

    /// What a prompt may end with and its answered turn lack, without white space.
    private static let emptyThoughts: Set<String> = ["", "<think></think>", "</think>"]

    /// Where the thought begins that a prompt leaves open at its end, if it does.
    private func beginningOfThought(_ prompt: [Int]) -> Int? {
        for start in prompt.indices.reversed().prefix(16) {
            let text = tokenizer.decode(prompt[start...]).filter { !$0.isWhitespace }
            if text == "<think>" { return start }
        }
        return nil
    }

    /// An answer to a prompt that leaves a thought open, where the template shows the answered turn without it or closes it at once.
    private func afterThought(_ shown: ArraySlice<Int>, _ message: Message) -> [Int] {
        let text = tokenizer.decode(shown), opener = "<think>"
        let answer =
            if text.hasPrefix(opener) {
                String(text.dropFirst(opener.count).drop { $0.isWhitespace })
            } else {
                "\(message.thought)\n</think>\n\n\(text.drop { $0.isNewline })"
            }
        return tokenizer.encode(answer, addSpecial: false, parseSpecial: true)
    }

    /// An answer up to the token that ends the turn; one that the template does not end is ended by EOS.
    private func ended(_ answer: [Int]) -> [Int] {
        var end = answer.count, place = answer.count
        while place > 0 {
            let token = answer[place - 1]
            if tokenizer.endOfGeneration.contains(token) {
                end = place
            } else if !isSpace(token) {
                break
            }
            place -= 1
        }
        if end == answer.count, answer.last.map(tokenizer.endOfGeneration.contains) != true, let eos = tokenizer.eos {
            return answer + [eos]
        }
        return Array(answer[..<end])
    }

    private func isSpace(_ token: Int) -> Bool {
        let bytes = tokenizer.bytes(of: token)
        return !tokenizer.isSpecial(token) && !bytes.isEmpty && bytes.isBlank
    }
}

extension Message {
    /// What was thought before this was said: told apart, or in its text.
    fileprivate var thought: Substring {
        if let reasoning { return reasoning.trimmed }
        guard let text = content?.text, let end = text.firstRange(of: "</think>") else { return "" }
        let start = text.firstRange(of: "<think>")?.upperBound ?? text.startIndex
        return start <= end.lowerBound ? String(text[start..<end.lowerBound]).trimmed : ""
    }
}

extension String {
    fileprivate var trimmed: Substring {
        let start = drop { $0.isWhitespace }
        return start.prefix(
            upTo: start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex
        )
    }
}
