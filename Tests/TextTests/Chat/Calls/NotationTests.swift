import Testing
import Text

/// Calls that are no JSON (LFM2, Gemma 4), and the messages of gpt-oss.
@Suite struct NotationTests {
    @Test func whatTheirTemplatesWriteIsThis() throws {
        let lfm = try CallFormTests.form("lfm2"), gemma = try CallFormTests.form("gemma4")
        #expect(lfm.open == "<|tool_call_start|>[" && lfm.join == .init(", "))
        #expect(lfm.close == .init("]<|tool_call_end|>"))
        let python = CallForm.Notation(
            quote: "'",
            isEscaped: true,
            yes: "True",
            no: "False",
            nothing: "None",
            nestsJSON: true
        )
        #expect(lfm.arguments == .values(head: "(", keyed: "=", between: ", ", tail: ")", python))
        #expect(gemma.open == "<|tool_call>call:" && gemma.join == .init("<tool_call|><|tool_call>call:"))
        #expect(gemma.close == .init("<tool_call|>"))
        let own = CallForm.Notation(quote: "<|\"|>", isEscaped: false, nestsJSON: false)
        #expect(gemma.arguments == .values(head: "{", keyed: ":", between: ",", tail: "}", own))
        #expect(try CallFormTests.form("gpt-oss") == .harmony)
    }

    static let families: [(name: String, begin: String, end: String)] = [
        ("lfm2", "<|im_start|>assistant\n", "<|im_end|>"), ("gemma4", "<|turn>model\n", "<|tool_response>"),
        ("gpt-oss", "<|end|><|start|>assistant", "<|call|>"),
    ]

    /// The reference library renders a conversation; what it makes of the assistant's turn is read back as it was.
    @Test(
        arguments: families,
        ["call", "call with words", "two calls", "call without arguments", "reasoning and call"]
    )
    func whatTheReferenceRendersIsReadBack(
        family: (name: String, begin: String, end: String),
        name: String
    ) throws {
        let template = try CallFormTests.template(family.name)
        let golden = try ChatGolden.json("chat/\(family.name).json")["cases"]?[name]?["text"]?.string
        let conversation = try #require(try ChatGolden.json("chat/conversations.json")[name])
        let messages = try (conversation["messages"]?.array ?? []).map { try Message($0) }
        guard let text = golden, let message = messages.first(where: { $0.role == .assistant && !$0.toolCalls.isEmpty })
        else { return }
        let place = try #require(text.ranges(of: family.begin).first { text[$0.upperBound...].contains(family.end) })
        let rest = text[place.upperBound...], turn = String(rest[..<rest.firstRange(of: family.end)!.lowerBound])
        let calls = family.name == "gpt-oss" ? Array(message.toolCalls.prefix(1)) : message.toolCalls
        for size in [1, 3, 8, 1000] {
            var reader = CallReader(template.calls, thoughts: template.thoughts), events: [CallReader.Event] = []
            for piece in turn.pieces(of: size) { events += reader.append(piece) }
            events += reader.finish()
            #expect(events.names == calls.map(\.name), "\(turn): \(events)")
            for (index, call) in calls.enumerated() {
                let expected = call.arguments.string.map { try? JSON(parsing: $0) } ?? call.arguments
                #expect(try JSON(parsing: events.arguments(of: index)) == expected, "\(turn): \(events)")
            }
        }
    }

    static let awkward: [(text: String, arguments: JSON)] = [
        (
            #"f(a='it\'s \\ \n', b="two \"q\"", c=True, d=None, e=-1.5)"#,
            ["a": "it's \\ \n", "b": "two \"q\"", "c": true, "d": nil, "e": -1.5]
        ),
        (#"f(a=[1, 'x', {"k": "\u4e0a\ud83d\ude00"}], b={})"#, ["a": [1, "x", ["k": "上😀"]], "b": [:]]),
        ("f()", [:]), ("f(a='),(', b=')]')", ["a": "),(", "b": ")]"]),
    ]

    @Test(arguments: awkward, [1, 2, 7, 1000]) func pythonsValuesAreRead(
        example: (text: String, arguments: JSON),
        size: Int
    ) throws {
        var reader = CallReader(try CallFormTests.form("lfm2")), events: [CallReader.Event] = []
        for piece in ("Now.<|tool_call_start|>[" + example.text + ", g()]<|tool_call_end|>").pieces(of: size) {
            events += reader.append(piece)
        }
        events += reader.finish()
        #expect(events.names == ["f", "g"] && events.words == "Now.", "\(events)")
        #expect(try JSON(parsing: events.arguments(of: 0)) == example.arguments, "\(events)")
        #expect(events.arguments(of: 1) == "{}")
    }

    static let gemma: [(text: String, arguments: JSON)] = [
        (
            #"{a:<|"|>it's "x" {,}<|"|>,b:[1,<|"|>,<|"|>,{c:true,d:<|"|><|"|>}],e:null}"#,
            ["a": "it's \"x\" {,}", "b": [1, ",", ["c": true, "d": ""]], "e": nil]
        ),
        ("{}", [:]), ("{n:-2.5}", ["n": -2.5]),
    ]

    @Test(arguments: gemma, [1, 2, 7, 1000]) func gemmasValuesAreRead(
        example: (text: String, arguments: JSON),
        size: Int
    ) throws {
        let text = "<|channel>thought\nHm.\n<channel|><|tool_call>call:f" + example.text + "<tool_call|>"
        var reader = CallReader(try CallFormTests.form("gemma4"), thoughts: .known.last),
            events: [CallReader.Event] = []
        for piece in text.pieces(of: size) { events += reader.append(piece) }
        events += reader.finish()
        #expect(events.names == ["f"] && events.thoughts == "Hm.", "\(events)")
        #expect(try JSON(parsing: events.arguments(of: 0)) == example.arguments, "\(events)")
    }

    @Test(arguments: [1, 3, 9, 1000]) func harmonysChannelsAreToldApart(size: Int) {
        let analysis = "<|channel|>analysis<|message|>We need it.<|end|><|start|>assistant"
        let heads = [
            " to=functions.f<|channel|>commentary json<|message|>",
            "<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
        ]
        for head in heads {
            let text =
                analysis + "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant" + head + "{\"a\": \"<|\"}"
            let events = Self.read(text, size)
            #expect(events.thoughts == "We need it." && events.words == "I look.", "\(events)")
            #expect(events.names == ["f"] && events.arguments(of: 0) == "{\"a\": \"<|\"}")
        }
        let answer = Self.read(analysis + "<|channel|>final<|message|>It is <b>.", size)
        #expect(answer.thoughts == "We need it." && answer.words == "It is <b>." && answer.names.isEmpty)
        let plain = Self.read("<|channel|>final <|constrain|>json<|message|>{}", size)
        #expect(plain.words == "{}" && plain.thoughts.isEmpty)
        let builtIn = Self.read("<|channel|>commentary to=python code<|message|>1+1", size)
        #expect(builtIn.thoughts == "1+1" && builtIn.words.isEmpty)
    }

    @Test func whatGoesOnHasNoHeader() {
        var reader = CallReader(.harmony, thoughts: .harmony, isBegun: true)
        #expect((reader.append("and on") + reader.finish()).words == "and on")
        #expect(Self.read("no header", 2).words == "no header")
    }

    private static func read(_ text: String, _ size: Int) -> [CallReader.Event] {
        var reader = CallReader(.harmony, thoughts: .harmony), events: [CallReader.Event] = []
        for piece in text.pieces(of: size) { events += reader.append(piece) }
        return events + reader.finish()
    }
}
