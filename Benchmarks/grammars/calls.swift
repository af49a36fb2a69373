import Foundation
import Grammars
import Text

/// Answers with calls, drawn through the masks and read back as a server reads them.
struct CallFuzz {
    let trie: TokenTrie, tokens: [[UInt8]]

    /// A template's path, tools, whether one is `required`, whether several may be (`parallel`), perhaps a `form` of answers without calls, a seed
    /// and a number. Returns what was read of so many answers, null for one that was cut, and the tools whose schema was given up; or why it
    /// is refused.
    func answers(_ line: JSON) -> String {
        do {
            let template = try ChatTemplate(String(contentsOfFile: line["template"]?.string ?? "", encoding: .utf8))
            let form = template.calls
            let tools = try (line["tools"]?.array ?? []).map { try Tool(JSONField($0)) }
            let grammar = try CompiledGrammar(grammar(line, form, tools), for: trie)
            var drawing = Drawing(tokens: tokens, seed: line["seed"]?.integer ?? 0)
            drawing.closers = form.closers
            let answers = (0..<(line["count"]?.integer ?? 1)).map { _ in answer(grammar, form, tools, &drawing) }
            let lost = tools.filter { !$0.isStrict && isGivenUp($0, form) }
            return JSON.object(["answers": .array(answers), "lost": .array(lost.map { .string($0.name) })]).text()
        } catch {
            return JSON.string("\(error)").text()
        }
    }

    private func grammar(_ line: JSON, _ form: CallForm, _ tools: [Tool]) throws -> Grammar {
        let (isRequired, isParallel) = (line["required"] == true, line["parallel"] == true)
        var calls = AnswerGrammar.Calls(form: form, tools: tools, isRequired: isRequired, isParallel: isParallel)
        if let form = line["form"], form != .null { calls.words = try SchemaCompiler.grammar(form) }
        return try AnswerGrammar(.calls(calls), thoughts: form.thoughts, isThinking: false).grammar()
    }

    /// Whether the arguments of a tool that is not strict may be any, as the same tool would be refused if it were.
    private func isGivenUp(_ tool: Tool, _ form: CallForm) -> Bool {
        do {
            let function: JSON = ["name": .string(tool.name), "parameters": tool.parameters ?? [:], "strict": true]
            let strict = try Tool(JSONField(["type": "function", "function": function]))
            _ = try CompiledGrammar(grammar(["required": true], form, [strict]), for: trie)
            return false
        } catch {
            return true
        }
    }

    private func answer(_ grammar: CompiledGrammar, _ form: CallForm, _ tools: [Tool], _ drawing: inout Drawing) -> JSON
    {
        let name = tools[drawing.number(below: tools.count)].name
        let heads = form.thoughts == nil ? [form.open + name] : CallForm.harmonyHeads(name)
        let opening = drawing.chance(1, in: 2) ? Array(heads[drawing.number(below: heads.count)].utf8) : []
        guard let text = drawing.text(grammar, opening: opening) else { return .null }
        var reader = CallReader(form, thoughts: form.thoughts, functions: tools.map(\.name)) { name, argument in
            tools.first { $0.name == name }?.isText(argument) ?? true
        }
        var events: [CallReader.Event] = [], rest = text[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + drawing.number(below: 30))
            events += reader.append(String(piece))
            rest = rest.dropFirst(piece.count)
        }
        return read(events + reader.finish(), of: text)
    }

    private func read(_ events: [CallReader.Event], of text: String) -> JSON {
        var words = "", names: [String] = [], arguments: [String] = []
        for event in events {
            switch event {
            case .thought: break
            case .words(let more): words += more
            case .call(_, let name): (names, arguments) = (names + [name], arguments + [""])
            case .arguments(let call, let more): arguments[call] += more
            }
        }
        let calls = zip(names, arguments).map { JSON.array([.string($0), .string($1)]) }
        return ["text": .string(text), "words": .string(words), "calls": .array(calls)]
    }
}

extension CallForm {
    var thoughts: ThoughtForm? { isHarmony ? .harmony : nil }

    /// What ends values, arguments and calls.
    var closers: [[UInt8]] {
        let texts: [String] =
            switch arguments {
            case .json: [close.before]
            case .members(_, _, _, let tail): [tail + close.before, tail, close.before]
            case .values(_, _, _, let tail, let notation): [tail + close.before, notation.quote, close.before, "\\'"]
            }
        return texts.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }
}
