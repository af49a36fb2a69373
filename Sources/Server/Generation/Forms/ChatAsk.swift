import Grammars
import Inference
import Text

/// What a dialect of conversations asks for beyond the conversation: tools, a form, thoughts.
struct ChatAsk: Sendable {
    var conversation: Conversation
    var tools: [Tool] = []
    var choice = ToolChoice.auto
    var isParallel = true
    var form: AskedForm?
    var thinking = AskedThinking()
    /// The fields that refusals name.
    var toolsField = "tools", budgetField = "thinking_budget"
    var toolPlaces = ToolPlaces.nested
}

/// Where a dialect has the name and the schema of a function, within the tool.
struct ToolPlaces: Sendable {
    let name: String, schema: String

    static let nested = ToolPlaces(name: "function.name", schema: "function.parameters")
}

extension Order {
    /// Prepares the answer that is asked for: the prompt's text, how the answer is read, and what it is held to.
    mutating func add(_ ask: ChatAsk, for model: any GenerativeModel, stamp: String, idPrefix: String = "call_") throws
    {
        if case .open = ask.conversation.ending { try ask.requireFreedom() }
        let card = model.card
        try ask.thinking.require(of: card)
        let text = try model.prompt(ask.conversation)
        prompts = [.tokens(model.vocabulary.encode(text, addSpecial: false, parseSpecial: true))]
        var reading = Reading(thoughts: card.thoughts, stamp: stamp)
        reading.prefix = idPrefix
        reading.bytes = { [vocabulary = model.vocabulary] in vocabulary.bytes(of: $0) }
        switch ask.conversation.ending {
        case .prompting:
            reading.isThinking = card.thoughts.map { text.trimmed.hasSuffix($0.open) } ?? false
            // Some templates say nothing where thinking is off.
            let isOff = ask.thinking.isOn == false && !reading.isThinking
            reading.isThoughtOver = card.thoughts.map { isOff || text.trimmed.hasSuffix($0.close) } ?? false
        case .open:
            reading.isThinking = card.thoughts?.isOpen(in: ask.conversation.messages.last) ?? false
            reading.isBegun = card.thoughts?.isHarmony ?? false
        case .closed: break
        }
        let tools = try ask.usable
        if !tools.isEmpty {
            guard let calls = card.calls else {
                throw APIError.unsupported(
                    ask.toolsField,
                    "'\(ask.toolsField)' are not supported: the way that '\(card.name)' writes calls is not known here. Leave them out, or ask another model."
                )
            }
            (reading.calls, reading.tools, reading.isCalling) = (calls, tools, ask.isRequired)
            // An answer with a form may begin as a call does.
            reading.calls?.needsMarker = ask.form != nil
        }
        if reading.calls != nil || reading.thoughts != nil { self.reading = reading }
        shown = model.grammars.shown(in: reading.markers)
        (constraint, isForm) = (try ask.constraint(reading, model, shown), ask.form != nil)
        ignoredFields += ask.unheldFields(reading.tools, constraint?.grammar)
    }
}

extension Order {
    /// Holds a plain text to a form.
    mutating func add(_ asked: AskedForm?, for model: any GenerativeModel) throws {
        guard let asked else { return }
        do throws(GrammarError) {
            let form = asked.form
            let grammar = try model.grammars.compiled(form.name) { () throws(GrammarError) in try form.grammar() }
            (constraint, isForm) = (Constraint(grammar, for: model.vocabulary), true)
        } catch {
            throw APIError(error, field: asked.field)
        }
    }
}

extension Constraint {
    fileprivate init(_ grammar: CompiledGrammar, _ budget: Budget? = nil, for vocabulary: any Vocabulary) {
        self.init(grammar, budget: budget)
        encode = { vocabulary.encode($0, addSpecial: false, parseSpecial: true) }
    }
}

extension ThoughtForm {
    /// Whether the message ends within thoughts.
    fileprivate func isOpen(in message: Message?) -> Bool {
        guard let text = message?.content?.text, let start = text.ranges(of: open).last else { return false }
        return !text[start.upperBound...].contains(close)
    }
}

extension ChatAsk {
    /// Throws where the answer must have a form: what a client began with need not have it.
    fileprivate func requireFreedom() throws(APIError) {
        let field = form?.field ?? (isRequired ? "tool_choice" : nil)
        guard let field else { return }
        throw .invalid(
            field,
            "'\(field)' asks for a form, and the last message is an assistant's, to go on with: they exclude each other; send one."
        )
    }

    /// Where the tool of that name is, among all that were sent.
    private func place(of name: String) -> String {
        let index = conversation.tools.lastIndex { $0["function"]?["name"] == .string(name) } ?? 0
        return "\(toolsField)[\(index)]"
    }

    private func schemaField(of name: String) -> String { "\(place(of: name)).\(toolPlaces.schema)" }

    /// The keywords of a tool's schema that are left to the model, told like fields that nobody knows.
    fileprivate func unheldFields(_ tools: [Tool], _ grammar: CompiledGrammar?) -> [String] {
        let leftOut = (grammar?.leftOut ?? []).map { ($0.tool, $0.place) }
        let places = tools.flatMap { tool in tool.unheldKeywords.map { (tool.name, $0) } } + leftOut
        var fields: [String] = []
        for (tool, place) in places {
            let field = schemaField(of: tool) + (place.isEmpty ? "" : "." + place)
            if !fields.contains(field) { fields.append(field) }
        }
        return fields
    }

    private func check(_ tool: Tool) throws(APIError) {
        guard tool.parameters?["type"] ?? "object" == "object" else {
            throw .invalid(
                schemaField(of: tool.name),
                "The parameters of a tool have names: their schema is of type 'object', but that of '\(tool.name.prefix(140))' is not."
            )
        }
        guard tool.name.wholeMatch(of: /[A-Za-z0-9_.:-]{1,128}/) != nil else {
            throw .invalid(
                "\(place(of: tool.name)).\(toolPlaces.name)",
                "The name of a tool has 1 to 128 letters, digits, '_', '-', '.' or ':', but '\(tool.name.prefix(140))' has not."
            )
        }
    }

    /// The tools that may be called.
    fileprivate var usable: [Tool] {
        get throws {
            var names: Set<String> = []
            for tool in tools {
                try check(tool)
                guard names.insert(tool.name).inserted else {
                    throw APIError.invalid(
                        "\(place(of: tool.name)).\(toolPlaces.name)",
                        "Two of the '\(toolsField)' have the same name, '\(tool.name)'."
                    )
                }
            }
            switch choice {
            case .none: return []
            case .auto: return tools
            case .required:
                guard !tools.isEmpty else {
                    throw APIError.invalid(
                        "tool_choice",
                        "'tool_choice' asks for a call, but there are no '\(toolsField)'."
                    )
                }
                return tools
            case .named(let name):
                guard let tool = tools.first(where: { $0.name == name }) else {
                    throw APIError.invalid(
                        "tool_choice",
                        "'tool_choice' names '\(name.prefix(140))', which is none of the '\(toolsField)'."
                    )
                }
                return [tool]
            }
        }
    }

    fileprivate var isRequired: Bool { choice != .auto && choice != .none }

    /// Whether several calls may be made: of a function that is named, one is.
    private var mayCallAgain: Bool {
        if case .named = choice { false } else { isParallel }
    }

    fileprivate func constraint(
        _ reading: Reading,
        _ model: any GenerativeModel,
        _ shown: Set<Int>
    ) throws -> Constraint? {
        guard let (body, name, field) = try body(reading) else { return nil }
        let answer = AnswerGrammar(
            body,
            thoughts: reading.thoughts,
            isThinking: reading.isThinking,
            isThoughtOver: reading.isThoughtOver
        )
        do throws(GrammarError) {
            let head = reading.head
            let grammar = try model.grammars.compiled(head + name, showing: shown) { () throws(GrammarError) in
                try answer.grammar()
            }
            guard let thoughtBudget = thinking.budget, let thoughts = reading.thoughts else {
                return Constraint(grammar, for: model.vocabulary)
            }
            let rest = try model.grammars.compiled("behind " + name, showing: shown) { () throws(GrammarError) in
                try answer.grammarAfterThoughts()
            }
            let start = reading.isThinking ? nil : Array(thoughts.open.utf8), end = Array(thoughts.close.utf8)
            let budget = Constraint.Budget(tokens: thoughtBudget, start: start, end: end, afterwards: rest)
            return Constraint(grammar, budget, for: model.vocabulary)
        } catch {
            guard case .tool(let name, _) = error else { throw APIError(error, field: field) }
            throw APIError(error, field: schemaField(of: name))
        }
    }

    /// What the answer must be, by what name its grammar is kept, and the field that asked for it.
    private func body(_ reading: Reading) throws -> (AnswerGrammar.Body, name: String, field: String)? {
        if let calls = reading.calls {
            guard form == nil || !isRequired else {
                let why = "A form of the answer and a call that must be made exclude each other; send one."
                throw APIError.invalid(form?.field, why)
            }
            var name = "calls \(isRequired) \(mayCallAgain) " + JSON.array(reading.tools.map(\.json)).text()
            var body = AnswerGrammar.Calls(
                form: calls,
                tools: reading.tools,
                isRequired: isRequired,
                isParallel: mayCallAgain
            )
            if let form {
                body.words = try form.grammar()
                name += " or " + form.form.name
            }
            return (.calls(body), name, toolsField)
        }
        if let form { return (.held(try form.grammar()), form.form.name, form.field) }
        return thinking.budget != nil && reading.thoughts != nil ? (.free, "free", budgetField) : nil
    }
}

extension Reading {
    /// What tells apart the grammars of one body.
    fileprivate var head: String {
        guard thoughts != nil else { return "" }
        return isThinking ? "thinking " : isThoughtOver ? "behind thoughts " : "thoughtful "
    }

    /// Texts that may have control tokens in them.
    fileprivate var markers: [String] {
        var texts = thoughts.map { [$0.open, $0.close, $0.lead] } ?? []
        if thoughts?.isHarmony == true { texts += CallForm.harmonyMarks }
        guard let calls else { return texts }
        for piece in [calls.mid, calls.close, calls.join].compactMap(\.self) {
            texts += [piece.before, piece.after ?? ""]
        }
        texts.append(calls.open)
        if case .members(let head, let keyed, let between, let tail) = calls.arguments {
            texts += [head, keyed, between, tail]
        }
        if case .values(let head, let keyed, let between, let tail, let notation) = calls.arguments {
            texts += [head, keyed, between, tail, notation.quote]
        }
        return texts
    }
}

extension APIError {
    /// - Parameter field: the field that asked for the form.
    init(_ error: GrammarError, field: String) {
        let why = "\(error)" + ("\(error)".hasSuffix("?") ? "" : ".")
        switch error {
        case .unsupported, .tool(_, .unsupported):
            self = .unsupported(field, "The form that '\(field)' asks for cannot be kept: \(why)")
        default:
            self = .invalid(field, "The form that '\(field)' asks for cannot be used: \(why)", code: "invalid_value")
        }
    }
}
