import Testing
import Text

/// Tools with chat templates that declare none, and what all templates have in common.
@Suite struct GenericToolsTests {
    static let undeclared = [
        "deepseek-v2", "gemma", "gemma3", "llama3", "mistral-v1", "mistral-v7", "phi3", "phi3.5", "phi4", "smollm2",
    ]
    static let callsOnly = ["deepseek-r1", "deepseek-v3"]

    static let weather = Tool(
        name: "get_weather",
        description: "Tells the weather.",
        parameters: ["type": "object", "properties": ["city": ["type": "string"]]]
    )
    static let calling: [Message] = [
        .user("hello"), Message(.assistant, nil, toolCalls: [CallFormTests.call]),
        Message(.tool, "17 degrees", toolCallID: "abcdef123"),
    ]

    @Test(arguments: ConversationGoldenTests.families) func everyTemplateTellsOfTools(family: String) throws {
        let template = try CallFormTests.template(family)
        let isGeneric = Self.undeclared.contains(family), isPartly = Self.callsOnly.contains(family)
        #expect((template.genericTools != nil) == (isGeneric || isPartly))
        #expect(!isGeneric || template.calls == .hermes)
        let text = try template.render(Self.calling, tools: [Self.weather.json])
        for word in ["Tells the weather.", "17 degrees", "上海"] { #expect(text.contains(word), "\(word): \(text)") }
        #expect(text.ranges(of: "get_weather").count > 1, "\(text)")
    }

    static let undescribed: [JSON] = [["name": "get_weather"], ["name": "get_weather", "description": nil]]

    /// OpenAI's API asks for a function's name only.
    @Test(arguments: ConversationGoldenTests.families, undescribed)
    func aToolNeedsNoDescription(family: String, function: JSON) throws {
        let tool: JSON = ["type": "function", "function": function]
        let text = try CallFormTests.template(family).render([.user("hello")], tools: [tool])
        #expect(text.contains("get_weather"))
    }

    static let spellings = [
        #"{"city":"上海","far":1e3,"near":[1,0.50]}"#, #"{"city": "\u4e0a\u6d77", "far": 1000.0, "near": [1, 0.5]}"#,
        "\n{ \"city\" : \"上海\",\n\t\"far\" :1E3, \"near\": [1, 5e-1] } ",
    ]

    /// Clients send an object or its text, and spell both as they like.
    @Test(arguments: ConversationGoldenTests.families, spellings)
    func aPastCallHasOneSpelling(family: String, arguments: String) throws {
        let template = try CallFormTests.template(family)
        let texts = try [JSON.string(arguments), JSON(parsing: arguments)].map { arguments in
            var messages = Self.calling
            messages[1].toolCalls[0].arguments = arguments
            return try template.render(messages, tools: [Self.weather.json])
        }
        #expect(texts[0] == texts[1] && texts[0].contains("上海"))
        let expected = #"{"city": "上海", "far": 1000.0, "near": [1, 0.5]}"#
        #expect(template.calls.arguments != .json || texts[0].contains(expected), "\(texts[0])")
    }

    static let serversOwn: [JSON] = [
        [
            "type": "function", "strict": false, "cache_control": ["type": "ephemeral"],
            "function": weather.json["function"] ?? nil,
        ],
        [
            "type": "function",
            "function": [
                "name": "get_weather", "description": "Tells the weather.", "strict": true,
                "parameters": weather.parameters ?? nil,
            ],
        ],
    ]

    @Test(arguments: ConversationGoldenTests.families, serversOwn)
    func whatIsTheServersIsNotTold(family: String, tool: JSON) throws {
        let template = try CallFormTests.template(family)
        let told = try template.render([.user("hello")], tools: [tool])
        #expect(try told == template.render([.user("hello")], tools: [Self.weather.json]), "\(told)")
    }

    /// The last prompt is what the next one begins with, so that nothing is read twice.
    @Test(arguments: undeclared) func aPromptGoesOn(family: String) throws {
        let template = try CallFormTests.template(family)
        let (first, second) = try (
            template.render(Array(Self.calling.prefix(1)), tools: [Self.weather.json]),
            template.render(Self.calling, tools: [Self.weather.json])
        )
        let call = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"上海\", \"days\": 3}}\n"
        #expect(second.hasPrefix(first) && second.dropFirst(first.count).contains(call), "\(second)")
    }

    static let declaration = """
        # Tools

        You can call these functions. Each line describes one in JSON, with a JSON Schema of its arguments:
        <tools>
        {"type": "function", "function": {"name": "get_weather", "description": "Tells the weather.", "parameters": \
        {"type": "object", "properties": {"city": {"type": "string"}}}}}
        </tools>

        To call one, write its name and its arguments, a JSON object, in exactly this form:
        <tool_call>
        {"name": "NAME", "arguments": {"ARGUMENT": VALUE}}
        </tool_call>
        Call a function only where it helps; otherwise answer in words. Several calls may follow each other; nothing else \
        follows a call. Results come between <tool_response> and </tool_response>.
        """

    @Test func withoutASystemsRoleTheFirstUserDeclares() throws {
        var messages = Self.calling
        messages[1].content = "Let me see."
        messages[1].toolCalls.append(.init(name: "now", arguments: ""))
        messages += [Message(.tool, "noon"), .user("thanks")]
        let text = try CallFormTests.template("gemma").render(messages, tools: [Self.weather.json])
        #expect(
            text == """
                <bos><start_of_turn>user
                \(Self.declaration)

                hello<end_of_turn>
                <start_of_turn>model
                Let me see.
                <tool_call>
                {"name": "get_weather", "arguments": {"city": "上海", "days": 3}}
                </tool_call>
                <tool_call>
                {"name": "now", "arguments": {}}
                </tool_call><end_of_turn>
                <start_of_turn>user
                <tool_response>
                17 degrees
                </tool_response>

                <tool_response>
                noon
                </tool_response>

                thanks<end_of_turn>
                <start_of_turn>model

                """
        )
    }

    @Test(arguments: [[Message.system("Be brief.")], []]) func theSystemDeclares(before: [Message]) throws {
        let template = try CallFormTests.template("smollm2")
        let text = try template.render(before + [.user("hello")], tools: [Self.weather.json])
        let words = before.isEmpty ? "" : "Be brief.\n\n"
        #expect(text.hasPrefix("<|im_start|>system\n\(words)\(Self.declaration)<|im_end|>\n<|im_start|>user\nhello"))
    }

    @Test func resultsAndPicturesShareATurn() throws {
        let picture: [JSON] = [["type": "text", "text": "and this?"], ["type": "image"]]
        let text = try CallFormTests.template("gemma3").render(Self.calling + [.user(.parts(picture))])
        #expect(text.contains("17 degrees\n</tool_response>\n\nand this?<start_of_image><end_of_turn>"), "\(text)")
        #expect(!text.contains("# Tools"))
    }

    @Test(arguments: callsOnly) func aModelIsShownItsOwnMarkers(family: String) throws {
        let template = try CallFormTests.template(family)
        let text = try template.render(Self.calling, tools: [Self.weather.json])
        let example = """
            <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME
            ```json
            {"ARGUMENT": VALUE}
            ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>
            """
        #expect(text.contains(example) && !text.contains("tool_response"), "\(text)")
        #expect(text.contains("<｜tool▁output▁begin｜>17 degrees<｜tool▁output▁end｜>"))
    }

    /// Where it declares tools, and shows calls in no form that is read here, the model is shown one that is.
    @Test func aFormThatNobodyReadsIsNotUsed() throws {
        let source = """
            {% for tool in tools or [] %}DECLARED {{ tool.function.name }}{% endfor %}\
            {% for m in messages %}[{{ m.role }}] {{ m.content }}{% for c in m.tool_calls or [] %}\
            call {{ c.function.name }} with {{ c.function.arguments | length }}{% endfor %}
            {% endfor %}
            """
        let template = try ChatTemplate(source)
        #expect(template.calls == .hermes)
        let text = try template.render(Self.calling, tools: [Self.weather.json])
        #expect(text.contains(Self.declaration) && !text.contains("DECLARED") && !text.contains("with 2"), "\(text)")
    }
}
