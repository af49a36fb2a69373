import Testing
import Text
import Training

/// The layouts of others, recognised by their names or named.
@Suite struct LayoutTests {
    static func marked(_ row: String, _ layout: DataLayout = .automatic) throws -> [String] {
        let fixture = try DataFixture()
        return try fixture.prepare([fixture.source("file.jsonl", row, nil, layout)]).all
    }

    static let plain = "<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n[A<|im_end|>]"
    static let systemic = "<|im_start|>system\nS<|im_end|>\n" + plain

    static let questions: [(DataLayout, String, String)] = [
        (.messages, #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}"#, plain),
        (
            .messages, #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A","weight":1}]}"#,
            plain
        ),
        (.promptCompletion, #"{"prompt":"Q","completion":"A"}"#, plain),
        (
            .promptCompletion,
            #"{"prompt":[{"role":"user","content":"Q"}],"completion":[{"role":"assistant","content":"A"}]}"#, plain
        ),
        (.alpaca, #"{"instruction":"Q","input":"","output":"A"}"#, plain),
        (.alpaca, #"{"instruction":"Q","output":"A","system":"S","history":[]}"#, systemic),
        (.shareGPT, #"{"conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"A"}]}"#, plain),
        (
            .shareGPT, #"{"conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"A"}],"system":"S"}"#,
            systemic
        ),
        (
            .shareGPT,
            #"{"conversations":[{"from":"system","value":"S"},{"from":"human","value":"Q"},{"from":"gpt","value":"A"}]}"#,
            systemic
        ),
    ]

    @Test(arguments: questions) func aQuestionAndItsAnswer(layout: DataLayout, row: String, expected: String) throws {
        #expect(try Self.marked(row) == [expected])
        #expect(try Self.marked(row, layout) == [expected])
        #expect(DataLayout(name: layout.name) == layout)
    }

    static let pairs: [(DataLayout, String)] = [
        (
            .openAIPreference,
            #"{"input":{"messages":[{"role":"user","content":"Q"}]},"preferred_output":[{"role":"assistant","content":"A"}],"non_preferred_output":[{"role":"assistant","content":"B"}]}"#
        ),
        (.promptPreference, #"{"prompt":"Q","chosen":"A","rejected":"B"}"#),
        (.alpacaPreference, #"{"instruction":"Q","input":"","chosen":"A","rejected":"B"}"#),
        (
            .shareGPTPreference,
            #"{"conversations":[{"from":"human","value":"Q"}],"chosen":{"from":"gpt","value":"A"},"rejected":{"from":"gpt","value":"B"}}"#
        ),
    ]

    @Test(arguments: pairs) func aPreferenceIsTwoDocuments(layout: DataLayout, row: String) throws {
        let expected = [Self.plain, Self.plain.replacing("[A", with: "[B")]
        #expect(try Self.marked(row) == expected)
        #expect(try Self.marked(row, layout) == expected)
        let fixture = try DataFixture()
        #expect(try fixture.prepare([fixture.source("file.jsonl", row)]).kind == .preference)
    }

    @Test func whatAWeightOfZeroIsOnIsShownButNotLearnt() throws {
        let row = #"""
            {"messages":[{"role":"user","content":"1"},{"role":"assistant","content":"a","weight":0},{"role":"user","content":"2"},{"role":"assistant","content":"b","weight":1}]}
            """#
        let start = "<|im_start|>", end = "<|im_end|>"
        let expected =
            "\(start)user\n1\(end)\n\(start)assistant\na\(end)\n\(start)user\n2\(end)\n\(start)assistant\n[b\(end)]"
        #expect(try Self.marked(row) == [expected])
    }

    @Test func historyAndInputBelongToTheQuestion() throws {
        let row = #"{"instruction":"I","input":"J","output":"A","history":[["q","a"]]}"#
        let start = "<|im_start|>", end = "<|im_end|>"
        let expected =
            "\(start)user\nq\(end)\n\(start)assistant\n[a\(end)]\n\(start)user\nI\nJ\(end)\n\(start)assistant\n[A\(end)]"
        #expect(try Self.marked(row) == [expected])
    }

    @Test func callsAreLearntAndToolsAreShown() throws {
        let shareGPT = #"""
            {"conversations":[{"from":"human","value":"Q"},{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{\"x\":1}}"},{"from":"observation","value":"2"},{"from":"gpt","value":"A"}],"tools":"[{\"name\":\"f\",\"description\":\"d\",\"parameters\":{}}]"}
            """#
        let openAI = #"""
            {"messages":[{"role":"user","content":"Q"},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"x\":1}"},"type":"function"}]},{"role":"tool","content":"2"},{"role":"assistant","content":"A"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{}}}],"parallel_tool_calls":false}
            """#
        let first = try Self.marked(shareGPT)
        #expect(try Self.marked(openAI) == first)
        #expect(first.joined().contains(#"[{"name": "f", "arguments": {"x": 1}}<|im_end|>]"#))
        #expect(first.count == 1 && first[0].hasPrefix("f<|im_start|>user\nQ") && first[0].hasSuffix("[A<|im_end|>]"))
    }

    @Test func aTableMayHoldConversations() throws {
        let fixture = try DataFixture()
        let text = """
            messages,note
            "[{""role"":""user"",""content"":""Q""},{""role"":""assistant"",""content"":""A""}]",x

            """
        #expect(try fixture.prepare([fixture.source("file.csv", text)]).all == [Self.plain])
    }

    static let refused: [(String, String)] = [
        (#"{"messages":[]}"#, "'messages' must be at least one message"),
        (#"{"messages":[{"role":"user","content":"Q"}]}"#, "nothing that is to be learnt"),
        (
            #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A","weight":0}]}"#,
            "nothing that is to be learnt"
        ),
        (
            #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A","weight":2}]}"#,
            "'messages[1].weight' must be 0 or 1"
        ),
        (
            #"{"messages":[{"role":"user","content":"Q","weight":0},{"role":"assistant","content":"A"}]}"#,
            "messages[0].weight"
        ),
        (#"{"messages":[{"role":"user"},{"role":"assistant","content":"A"}]}"#, "messages[0].content"),
        (
            #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"functions":[]}"#,
            "write 'tools'"
        ),
        (
            #"{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"tools":[{"type":"x"}]}"#,
            "tools[0]"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"type":"image_url"}]},{"role":"assistant","content":"A"}]}"#,
            "'image_url' is not learnt from"
        ),
        (#"{"conversations":[{"from":"alien","value":"Q"}]}"#, "conversations[0].from"),
        (
            #"{"conversations":[{"from":"human","value":"Q"},{"from":"function_call","value":"no JSON"}]}"#,
            "must be JSON"
        ),
        (#"{"instruction":"","output":"A"}"#, "instruction"),
        (#"{"instruction":"Q","output":"A","history":[["q"]]}"#, "history[0]"),
        (#"{"prompt":"Q","chosen":"A","rejected":[{"role":"user","content":"B"}]}"#, "rejected"),
        (#"{"prompt":"Q","completion":null,"text":1}"#, "'text' must be a string"),
    ]

    @Test(arguments: refused) func aRowThatSaysNothingIsSetAside(row: String, reason: String) throws {
        let fixture = try DataFixture()
        let error = #expect(throws: DataError.self) { try fixture.prepare([fixture.source("file.jsonl", row)]) }
        #expect(error?.description.contains(reason) == true, "\(error as Any)")
    }

    @Test func kindsAreNotMixedInOneDataset() throws {
        let fixture = try DataFixture()
        let rows = #"{"text":"one"}"# + "\n" + #"{"prompt":"Q","completion":"A"}"# + "\n" + #"{"text":"two"}"#
        let dataset = try fixture.prepare([fixture.source("file.jsonl", rows)])
        #expect(try dataset.texts == ["one", "two"])
        #expect(try DataFixture.rejected(dataset)[0]["reason"]?.string?.contains("mix the two") == true)
    }

    @Test func aBaseModelSetsConversationsAside() throws {
        let fixture = try DataFixture()
        let rows = #"{"prompt":"Q","completion":"A"}"# + "\n" + #"{"text":"two"}"#
        let dataset = try fixture.prepare([fixture.source("file.jsonl", rows)], nil)
        #expect(try dataset.texts == ["two"])
        #expect(try DataFixture.rejected(dataset)[0]["reason"]?.string?.contains("no chat template") == true)
    }
}
