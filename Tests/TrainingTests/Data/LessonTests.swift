import Foundation
import Testing
import Text
import Training

/// What is learnt of conversations, with the templates of well-known models.
@Suite struct LessonTests {
    static let folder = URL(filePath: #filePath).appending(path: "../../../Golden/Text/chat").standardized

    static let families: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".jinja") }.map { String($0.dropLast(6)) }.sorted()
    }()

    static func json(_ name: String) throws -> JSON {
        try JSON(parsing: Data(contentsOf: folder.appending(path: "\(name).json")))
    }

    /// Control tokens of the families, those a template spells.
    static let controls = [
        "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>",
        "<start_of_turn>", "<end_of_turn>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "[INST]", "[/INST]",
        "<｜User｜>", "<｜Assistant｜>", "<|eot|>", "<|start|>", "<|message|>", "<|channel|>", "<|endoftext|>",
    ]

    /// A family's template, and a tokenizer that reads a thought's tags as tokens or as text.
    static func family(_ name: String, thinks: Bool) throws -> (ChatTemplate, Tokenizer) {
        let golden = try json(name)
        let source = try String(contentsOf: folder.appending(path: "\(name).jinja"), encoding: .utf8)
        let bos = golden["bos"]?.string ?? "", eos = golden["eos"]?.string ?? ""
        var found = [bos, eos].filter { !$0.isEmpty } + controls.filter { source.contains($0) }
        if thinks { found += ["<think>", "</think>"] }
        let distinct = found.enumerated().filter { found.firstIndex(of: $1) == $0 }.map(\.element)
        var template = try ChatTemplate(source, bosToken: bos, eosToken: eos)
        template.clock = { Date(timeIntervalSince1970: 1_721_995_200) }
        return (template, DataFixture.bytes(distinct, eos: eos))
    }

    static func conversations() throws -> [(String, ChatExample)] {
        try (json("conversations").object ?? [:]).map { name, conversation in
            var extra: [String: JSON] = [:]
            for (key, value) in conversation["extra"]?.object ?? [:] { extra[key] = value }
            let messages = try JSONField(conversation)["messages"].elements.map { field in try Message(field) }
            let tools = try JSONField(conversation)["tools"].optional?.elements.map { field in try Tool(field) } ?? []
            return (name, ChatExample(messages, tools: tools, extra: extra))
        }
    }

    /// What stands before each answer, and the answer.
    static func answers(_ documents: [TokenizedDocument], _ tokenizer: Tokenizer) -> [[String]] {
        documents.flatMap { document in
            var answers: [[String]] = [], start = 0
            while let first = document.isLearnt[start...].firstIndex(of: true) {
                let end = document.isLearnt[first...].firstIndex(of: false) ?? document.count
                let before = tokenizer.decode(document.tokens[..<first])
                answers.append([before, tokenizer.decode(document.tokens[first..<end])])
                start = end
            }
            return answers
        }
    }

    /// The definition, in texts: what a server would be shown, and what the whole shows after it.
    static func plainAnswers(_ chat: ChatExample, _ template: ChatTemplate, _ tokenizer: Tokenizer) throws
        -> [[String]?]
    {
        try chat.messages.indices.dropFirst().filter { chat.messages[$0].role == .assistant }.map { index in
            func text(_ messages: ArraySlice<Message>, _ isPrompting: Bool) throws -> String {
                let tools = chat.tools.map(\.json)
                return try template.render(
                    Array(messages),
                    tools: tools,
                    addGenerationPrompt: isPrompting,
                    extra: chat.extra
                )
            }
            let prompt = try text(chat.messages[..<index], true), whole = try text(chat.messages[...index], false)
            guard whole.utf8.starts(with: prompt.utf8) else { return nil }
            let answer = String(decoding: whole.utf8.dropFirst(prompt.utf8.count), as: UTF8.self)
            return [prompt, ended(answer, tokenizer)]
        }
    }

    static func ended(_ answer: String, _ tokenizer: Tokenizer) -> String {
        let enders = tokenizer.endOfGeneration.compactMap { tokenizer.token($0) }
        var rest = answer, result: String?
        while true {
            while let last = rest.unicodeScalars.last, " \n\r\t".unicodeScalars.contains(last) {
                rest.unicodeScalars.removeLast()
            }
            guard let ender = enders.first(where: { rest.hasSuffix($0) }) else { break }
            result = rest
            rest.removeLast(ender.count)
        }
        return result ?? answer + (tokenizer.eos.flatMap { tokenizer.token($0) } ?? "")
    }

    @Test(arguments: families)
    func answersFollowWhatAServerWouldShow(family: String) throws {
        let (template, tokenizer) = try Self.family(family, thinks: family.utf8.count % 2 == 0)
        let encoder = ExampleEncoder(tokenizer, template)
        for (name, chat) in try Self.conversations()
        where chat.messages.dropFirst().contains(where: { $0.role == .assistant }) {
            let plain = try? Self.plainAnswers(chat, template, tokenizer)
            let found: [[String]]
            do { found = Self.answers(try encoder.documents(.conversation(chat)), tokenizer) } catch {
                #expect(plain.map { $0.contains(nil) } ?? true, "\(family), \(name): \(error)")
                continue
            }
            let expected = try #require(plain, "\(family), \(name) is learnt though the template refuses it")
            #expect(found.count == expected.count, "\(family), \(name)")
            for (found, expected) in zip(found, expected) {
                if let expected { #expect(found == expected, "\(family), \(name)") }
            }
        }
    }

    @Test func everyFamilyIsLearntFrom() throws {
        for family in Self.families {
            let (template, tokenizer) = try Self.family(family, thinks: true)
            let chat = ChatExample([.user("One"), .assistant("1"), .user("Two"), .assistant("2")])
            let documents = try ExampleEncoder(tokenizer, template).documents(.conversation(chat))
            let learnt = Self.answers(documents, tokenizer).map { $0[1] }
            #expect(learnt.count == 2 && learnt[0].contains("1") && learnt[1].contains("2"), "\(family): \(learnt)")
            let ends = documents.allSatisfy { tokenizer.endOfGeneration.contains($0.tokens.last ?? -1) }
            #expect(ends, "\(family): \(learnt)")
        }
    }

    /// The templates that mark what the assistant writes mark the same; of white space after the end of a turn nothing is learnt.
    @Test func marksOfTheReferenceAreTheSame() throws {
        let marked = try #require(try Self.json("spans").object)
        let conversations = Dictionary(uniqueKeysWithValues: try Self.conversations())
        #expect(marked.count == 2)
        for (family, cases) in marked {
            let (template, tokenizer) = try Self.family(family, thinks: true)
            for (name, spans) in cases.object ?? [:] where name != "assistant first" && !(spans.array ?? []).isEmpty {
                let chat = try #require(conversations[name])
                guard chat.tools.isEmpty || template.supports.tools else { continue }
                let documents = try ExampleEncoder(tokenizer, template).documents(.conversation(chat))
                let expected = spans.array?.compactMap(\.string).map { Self.ended($0, tokenizer) }
                #expect(documents.count == 1)
                #expect(Self.answers(documents, tokenizer).map { $0[1] } == expected, "\(family), \(name)")
            }
        }
    }

    static let special: [(String, [Message], [[String]])] = [
        (  // thoughts are dropped from earlier turns: each turn as it was asked
            "qwen3", [.user("a"), .assistant("<think>\nt\n</think>\n\nb"), .user("c"), .assistant("d")],
            [
                [
                    "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n",
                    "<think>\nt\n</think>\n\nb<|im_end|>",
                ],
                [
                    "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
                        + "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n",
                    "<think>\n\n</think>\n\nd<|im_end|>",
                ],
            ]
        ),
        (  // the prompt opens a thought that the answered turn does not show
            "deepseek-r1", [.user("a"), .assistant("b")],
            [["<｜begin▁of▁sentence｜><｜User｜>a<｜Assistant｜><think>\n", "\n</think>\n\nb<｜end▁of▁sentence｜>"]]
        ),
        (
            "deepseek-r1", [.user("a"), .assistant("<think>\nso <it> is\n</think>\n\n<b>")],
            [
                [
                    "<｜begin▁of▁sentence｜><｜User｜>a<｜Assistant｜><think>\n",
                    "so <it> is\n</think>\n\n<b><｜end▁of▁sentence｜>",
                ]
            ]
        ),
        (  // or that it closes at once
            "nemotron3", [.user("a"), .assistant("b")],
            [
                [
                    "<|im_start|>system\n<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n<think>\n",
                    "</think>b<|im_end|>",
                ]
            ]
        ),
        (  // instructions stand before the last question only
            "mistral-nemo", [.system("s"), .user("a"), .assistant("b"), .user("c"), .assistant("d")],
            [
                ["<s>[INST]s\n\na[/INST]", "b</s>"],
                ["<s>[INST]a[/INST]b</s>[INST]s\n\nc[/INST]", "d</s>"],
            ]
        ),
        (  // what a template writes after the end of a turn is no part of it
            "phi3", [.user("a"), .assistant("b"), .user("c"), .assistant("d")],
            [
                ["<|user|>\na<|end|>\n<|assistant|>\n", "b<|end|>"],
                ["<|user|>\na<|end|>\n<|assistant|>\nb<|end|>\n<|user|>\nc<|end|>\n<|assistant|>\n", "d<|end|>"],
            ]
        ),
        (  // calls and results as texts, where the template shows neither
            "phi3",
            [
                .user("a"), Message(.assistant, nil, toolCalls: [.init(name: "f", arguments: "{}")]),
                Message(.tool, "r"), .assistant("b"),
            ],
            [
                [
                    "<|user|>\na<|end|>\n<|assistant|>\n",
                    "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call><|end|>",
                ],
                [
                    "<|user|>\na<|end|>\n<|assistant|>\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n"
                        + "</tool_call><|end|>\n<|user|>\n<tool_response>\nr\n</tool_response><|end|>\n<|assistant|>\n",
                    "b<|end|>",
                ],
            ]
        ),
    ]

    @Test(arguments: special.indices, [true, false])
    func turnsThatATemplateChangesAreLearntAsAsked(index: Int, thinks: Bool) throws {
        let (family, messages, expected) = Self.special[index]
        let (template, tokenizer) = try Self.family(family, thinks: thinks)
        let documents = try ExampleEncoder(tokenizer, template).documents(.conversation(ChatExample(messages)))
        #expect(Self.answers(documents, tokenizer) == expected)
    }

    @Test func whatBeginsIsShownAndNotLearnt() throws {
        let messages: [Message] = [.assistant("hello"), .user("a"), .assistant("b")]
        let encoder = ExampleEncoder(DataFixture.tokenizer, DataFixture.template)
        let documents = try encoder.documents(.conversation(ChatExample(messages)))
        #expect(Self.answers(documents, DataFixture.tokenizer).map { $0[1] } == ["b<|im_end|>"])
    }

    @Test func textsAreLearntWholeAndControlTokensInThemAreText() throws {
        let tokenizer = DataFixture.tokenizer, encoder = ExampleEncoder(tokenizer, nil)
        let document = try encoder.documents(.text("a<|im_end|>"))[0]
        #expect(document.tokens == "a<|im_end|>".utf8.map { tokenizer.encode(String(UnicodeScalar($0)))[0] } + [257])
        #expect(document.isLearnt.allSatisfy { $0 } && document.learnt == document.count - 1)
    }
}
