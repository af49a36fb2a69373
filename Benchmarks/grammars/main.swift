// Our side of benchmark.py and fuzz.py, compiled together with Sources/Text and Sources/Grammars.
//
// Arguments: `masks`, `texts`, `calls` or `tools`, then a file of tokens: a number of four bytes and as many bytes for each; none for one that is not to
// be used. The last token ends an answer. Then, for each line of standard input, one line of output; see below.
import Foundation
import Grammars
import Text

func read(_ path: String) throws -> [[UInt8]] {
    let data = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var tokens: [[UInt8]] = [], place = 0
    while place < data.count {
        let count = data[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        tokens.append([UInt8](data[place + 4..<place + 4 + count]))
        place += 4 + count
    }
    return tokens
}

let tokens = try read(CommandLine.arguments[2])

func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

let begin = now()
let trie = TokenTrie(count: tokens.count, ends: [tokens.count - 1]) { tokens[$0] }
FileHandle.standardError.write(Data("trie: \((now() - begin) / 1000) µs\n".utf8))

/// A schema and tokens of a text: nanoseconds to compile, then those of each mask and each acceptance; -1 if a token was refused.
func measure(_ line: JSON) throws -> String {
    let schema = line["schema"] ?? true, text = line["tokens"]?.array?.compactMap(\.integer) ?? []
    let start = now()
    let grammar = try CompiledGrammar(SchemaCompiler.grammar(schema), for: trie)
    grammar.prepare()
    var times = [now() - start]
    for _ in 0..<(line["rounds"]?.integer ?? 1) {
        var matcher = Matcher(grammar)
        for token in text {
            let start = now()
            let mask = matcher.mask()
            let middle = now()
            guard mask[token], matcher.accept(token) else { return "-1" }
            times += [middle - start, now() - middle]
        }
    }
    return times.map(String.init).joined(separator: " ")
}

/// A schema, a seed and a number: so many texts, each of tokens drawn through the masks; null for one that was cut. Or why it is refused.
func texts(_ line: JSON) -> String {
    do {
        let grammar = try CompiledGrammar(SchemaCompiler.grammar(line["schema"] ?? true), for: trie)
        var drawing = Drawing(tokens: tokens, seed: line["seed"]?.integer ?? 0)
        let texts = (0..<(line["count"]?.integer ?? 1)).map { _ in drawing.text(grammar) }
        return JSON.array(texts.map { $0.map(JSON.string) ?? .null }).text()
    } catch {
        return JSON.string("\(error)").text()
    }
}

/// The schema of a tool's arguments: `taken`, or why it is refused.
func tool(_ line: JSON) -> String {
    let form = CallForm(open: "<call>{\"name\": \"", mid: .init("\", \"arguments\": "), close: .init("}"))
    let tools = [Tool(name: "f", parameters: line["schema"])]
    do {
        let calls = AnswerGrammar.Calls(form: form, tools: tools, isRequired: true, isParallel: false)
        let answer = AnswerGrammar(.calls(calls), thoughts: nil, isThinking: false)
        _ = try CompiledGrammar(answer.grammar(), for: trie)
        return "taken"
    } catch {
        return "\(error)"
    }
}

let calls = CallFuzz(trie: trie, tokens: tokens)

while let line = readLine() {
    let json = try JSON(parsing: line)
    switch CommandLine.arguments[1] {
    case "masks": print(try measure(json))
    case "tools": print(tool(json))
    case "calls": print(calls.answers(json))
    default: print(texts(json))
    }
    fflush(nil)
}
