// Our side of benchmark.py and fuzz.py, compiled together with Sources/Text and Sources/Grammars.
//
// Arguments: `masks`, `texts` or `tools`, then a file of tokens: a number of four bytes and as many bytes for each; none for one that is not to
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
        var dice = Dice(state: UInt64(line["seed"]?.integer ?? 0))
        let texts = (0..<(line["count"]?.integer ?? 1)).map { _ in text(grammar, &dice) }
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

struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

func text(_ grammar: CompiledGrammar, _ dice: inout Dice) -> String? {
    var matcher = Matcher(grammar), bytes: [UInt8] = []
    for step in 0..<600 {
        let mask = matcher.mask()
        if matcher.canEnd, matcher.isComplete || step > 40 || Int.random(in: 0..<4, using: &dice) == 0 {
            return String(validating: bytes, as: UTF8.self) ?? "not UTF-8"
        }
        // From some place on, the first token there is, so that strings come to an end.
        var token = Int.random(in: 0..<mask.count, using: &dice)
        if step > 60, let quote = closing.first(where: { mask[$0] }) { token = quote }
        while !mask[token] { token = (token + 1) % mask.count }
        guard matcher.accept(token) else { return "a mask lied" }
        guard !matcher.isOver else { return String(validating: bytes, as: UTF8.self) ?? "not UTF-8" }
        bytes += tokens[token]
    }
    return nil
}

/// Tokens that bring a text to its end.
let closing = ["\"", "}", "]", ":", ",", "0", "n", "t"].compactMap { text in
    tokens.firstIndex { $0.elementsEqual(text.utf8) }
}

while let line = readLine() {
    let json = try JSON(parsing: line)
    switch CommandLine.arguments[1] {
    case "masks": print(try measure(json))
    case "tools": print(tool(json))
    default: print(texts(json))
    }
    fflush(nil)
}
