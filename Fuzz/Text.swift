import Foundation

/// libFuzzer's entry for what reads text: JSON of a request, a chat template of a file, a tokenizer of a file. The first byte
/// says which; see scripts/fuzz.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count), rest = bytes.dropFirst()
    let text = String(decoding: rest, as: UTF8.self)
    switch bytes.first {
    case UInt8(ascii: "J"): readJSON(text)
    case UInt8(ascii: "T"): readTemplate(text)
    case UInt8(ascii: "B"): readTokenizer(text, "gpt2")
    case UInt8(ascii: "S"): readTokenizer(text, "llama")
    case UInt8(ascii: "H"): readTokenizerJSON(text)
    default: return -1
    }
    return 0
}

/// What was read and written is read as the same.
private func readJSON(_ text: String) {
    do {
        let value = try JSON(parsing: text)
        let again = try JSON(parsing: value.text())
        precondition(again.text() == value.text())
    } catch {
        precondition(!"\(error)".isEmpty)
    }
}

private func readTemplate(_ text: String) {
    do {
        var template = try Template(text)
        template.limits.steps = 2000
        template.limits.bytes = 1 << 16
        let messages = JSON.array([["role": "user", "content": "Hi"], ["role": "assistant", "content": "你好"]])
        let variables: OrderedObject = ["messages": messages, "bos_token": "<s>", "add_generation_prompt": true]
        _ = try template.render(variables, now: Date(timeIntervalSince1970: 0))
    } catch {
        precondition(error is TemplateError, "an error of another kind: \(error)")
    }
}

/// What a `tokenizer.json` gives is written and read as the same.
private func readTokenizerJSON(_ text: String) {
    do {
        let specification = try TokenizerSpecification(tokenizerJSON: text.utf8)
        let tokenizer = try Tokenizer(specification)
        precondition(tokenizer.encode(text).allSatisfy((0..<tokenizer.vocabularySize).contains))
        let again = try TokenizerSpecification(tokenizerJSON: specification.tokenizerJSON())
        let same = try Tokenizer(again).encode(text)
        precondition(same == tokenizer.encode(text))
    } catch {
        precondition(error is TokenizerError || error is JSONError, "an error of another kind: \(error)")
    }
}

/// Lines: a pre-tokenizer, tokens, an empty line, merges or nothing, an empty line, and the text to encode.
private func readTokenizer(_ text: String, _ model: String) {
    let parts = text.components(separatedBy: "\n\n"), tokens = parts[0].components(separatedBy: "\n")
    do {
        let tokenizer = try Tokenizer(
            TokenizerSpecification(
                gguf: model,
                pre: tokens[0],
                tokens: Array(tokens.dropFirst()),
                scores: tokens.dropFirst().map { Float($0.utf8.count) },
                merges: parts.count > 1 ? parts[1].components(separatedBy: "\n") : []
            )
        )
        let input = parts.dropFirst(2).joined(separator: "\n\n"), ids = tokenizer.encode(input)
        precondition(ids.allSatisfy((0..<tokenizer.vocabularySize).contains))
        _ = tokenizer.decode(ids)
        precondition(tokenizer.encode(input) == ids)
    } catch {
        precondition(error is TokenizerError, "an error of another kind: \(error)")
    }
}
