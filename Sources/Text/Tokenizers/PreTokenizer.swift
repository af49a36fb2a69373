/// How a byte-level tokenizer cuts text into words before it merges bytes: one case for each published pattern.
///
/// The raw values are GGUF's names (`tokenizer.ggml.pre`).
public enum PreTokenizer: String, Sendable, Hashable, CaseIterable {
    case gpt2 = "gpt-2"
    case smolLM = "smollm"
    case llama3 = "llama-bpe"
    case qwen2
    case gpt4o = "gpt-4o"
    case tekken
    case miniCPM5 = "minicpm5"
    case deepSeek = "deepseek-llm"
    case deepSeekCoder = "deepseek-coder"
    case deepSeek3 = "deepseek-v3"

    public init(named name: String) throws {
        guard let found = Self(rawValue: name) ?? Self.aliases[name] else {
            let known = Self.allCases.map(\.rawValue) + Self.aliases.keys
            throw TokenizerError.unknownPreTokenizer(name, known: known.sorted())
        }
        self = found
    }

    /// Names that other models use for a pattern above.
    private static let aliases: [String: Self] = [
        "default": .gpt2, "phi-2": .gpt2, "modern-bert": .gpt2, "mpt": .gpt2, "olmo": .gpt2,
        "starcoder": .smolLM, "refact": .smolLM, "command-r": .smolLM, "codeshell": .smolLM, "exaone": .smolLM,
        "llama3": .llama3, "llama-v3": .llama3, "falcon3": .llama3, "pixtral": .llama3,
        "chatglm-bpe": .llama3, "dbrx": .llama3, "glm4": .llama3, "smaug-bpe": .llama3,
        "deepseek-r1-qwen": .qwen2, "hunyuan": .qwen2, "stablelm2": .qwen2, "megrez": .qwen2,
        "llama4": .gpt4o, "hunyuan-dense": .deepSeek3, "hy_v4": .deepSeek3, "joyai-llm": .deepSeek3,
    ]

    /// The names of tokenizers for which a word that is a token needs no merges.
    static let ignoringMerges: Set = ["falcon3", "llama-bpe", "llama3", "llama-v3", "minicpm5", "pixtral", "tekken"]

    /// Whether that is so of the tokenizer whose name the pattern has.
    public var usuallyIgnoresMerges: Bool { Self.ignoringMerges.contains(rawValue) }
}

extension PreTokenizer {
    /// The end of the word that begins at `start`, before the end of the text.
    @inline(__always) func wordEnd(in text: UTF8Text, from start: Int) -> Int {
        switch self {
        case .gpt2: text.gpt2Word(from: start)
        case .smolLM: text.smolLMWord(from: start)
        case .llama3: text.llama3Word(from: start, digits: 3)
        case .qwen2: text.llama3Word(from: start, digits: 1)
        case .gpt4o: text.gpt4oWord(from: start, digits: 3, contracts: true)
        case .tekken: text.gpt4oWord(from: start, digits: 1, contracts: false)
        case .miniCPM5: text.miniCPM5Word(from: start)
        case .deepSeek: DeepSeekWords.general.wordEnd(in: text, from: start)
        case .deepSeekCoder: DeepSeekWords.code.wordEnd(in: text, from: start)
        case .deepSeek3: text.deepSeek3Word(from: start)
        }
    }
}

extension UTF8Text {
    /// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    fileprivate func gpt2Word(from start: Int) -> Int {
        let first = scalar(at: start)
        if self[start] == UInt8(ascii: "'"), let end = contraction(at: start, folding: false) { return end }
        let next = self[start] == UInt8(ascii: " ") ? scalar(at: first.end) : first
        if ScalarClasses.letters.contains(next.kind) { return skip(.letters, from: next.end) }
        if ScalarClasses.numbers.contains(next.kind) { return skip(.numbers, from: next.end) }
        if ScalarClasses.others.contains(next.kind) { return skip(.others, from: next.end) }
        return spaces(from: start, first: first, to: skip(.spaces, from: first.end))
    }

    /// SmolLM, StarCoder: every `\p{N}` alone, and what lies between as in GPT-2.
    fileprivate func smolLMWord(from start: Int) -> Int {
        let first = scalar(at: start)
        if ScalarClasses.numbers.contains(first.kind) { return first.end }
        guard ScalarClasses.spaces.contains(first.kind) else { return gpt2Word(from: start) }
        let end = skip(.spaces, from: first.end)
        return ScalarClasses.numbers.contains(scalar(at: end).kind) ? end : gpt2Word(from: start)
    }

    /// MiniCPM 5: `\p{N}{1,3}` is cut out first, and what lies between by Llama 3's pattern.
    fileprivate func miniCPM5Word(from start: Int) -> Int {
        let first = scalar(at: start)
        guard ScalarClasses.spaces.contains(first.kind) else { return llama3Word(from: start, digits: 3) }
        let end = skip(.spaces, from: first.end)
        if let last = (start..<end).last(where: isNewline) { return last + 1 }
        return ScalarClasses.numbers.contains(scalar(at: end).kind) ? end : llama3Word(from: start, digits: 3)
    }

    /// Llama 3 (and, with one digit, Qwen 2):
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    fileprivate func llama3Word(from start: Int, digits: Int) -> Int {
        let first = scalar(at: start)
        if ScalarClasses.letters.contains(first.kind) { return skip(.letters, from: first.end) }
        if ScalarClasses.numbers.contains(first.kind) { return numbers(after: first.end, atMost: digits - 1) }
        if self[start] == UInt8(ascii: "'"), let end = contraction(at: start, folding: true) { return end }
        let second = scalar(at: first.end)
        if ScalarClasses.letters.contains(second.kind), !isNewline(start) {
            return skip(.letters, from: second.end)
        }
        let next = self[start] == UInt8(ascii: " ") ? second : first
        if ScalarClasses.others.contains(next.kind) { return newlines(from: skip(.others, from: next.end)) }
        return lines(from: start, first: first)
    }

    /// GPT-4o, GPT-OSS: Llama 3's words, but a word of letters is capitals, then small letters, then perhaps a contraction:
    /// `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`, or else the same
    /// with one capital at least and perhaps no small letter; and slashes count as ends of lines after symbols.
    /// Mistral's Tekken has one digit and no contractions.
    fileprivate func gpt4oWord(from start: Int, digits: Int, contracts: Bool) -> Int {
        let first = scalar(at: start)
        if ScalarClasses.numbers.contains(first.kind) { return numbers(after: first.end, atMost: digits - 1) }
        let isLetter = ScalarClasses.letters.contains(first.kind)
        let places = isLetter ? [start] : isNewline(start) ? [] : [first.end, start]
        for place in places {
            if let end = smallWord(from: place) { return contracts ? contracted(end) : end }
        }
        for place in places {
            let end = skip(.capitals, from: place)
            if end > place { return contracts ? contracted(end) : end }
        }
        let next = self[start] == UInt8(ascii: " ") ? scalar(at: first.end) : first
        if ScalarClasses.others.contains(next.kind) {
            return newlines(from: skip(.others, from: next.end), orSlashes: true)
        }
        return lines(from: start, first: first)
    }

    /// Capitals and then small letters, one at least; scalars that are both may be either.
    private func smallWord(from start: Int) -> Int? {
        var index = start, last: Int?
        while true {
            let next = scalar(at: index)
            guard ScalarClasses.capitals.contains(next.kind) else { break }
            index = next.end
            if ScalarClasses.smalls.contains(next.kind) { last = index }
        }
        return ScalarClasses.smalls.contains(scalar(at: index).kind) ? skip(.smalls, from: index) : last
    }

    private func contracted(_ end: Int) -> Int {
        guard end < count, self[end] == UInt8(ascii: "'") else { return end }
        return contraction(at: end, folding: true) ?? end
    }

    func numbers(after start: Int, atMost count: Int) -> Int {
        var index = start
        for _ in 0..<count {
            let next = scalar(at: index)
            guard ScalarClasses.numbers.contains(next.kind) else { break }
            index = next.end
        }
        return index
    }

    @inline(__always) func isNewline(_ index: Int) -> Bool {
        self[index] == UInt8(ascii: "\n") || self[index] == UInt8(ascii: "\r")
    }

    func newlines(from start: Int, orSlashes: Bool = false) -> Int {
        var index = start
        while index < count, isNewline(index) || orSlashes && self[index] == UInt8(ascii: "/") { index += 1 }
        return index
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`
    private func lines(from start: Int, first: Scalar) -> Int {
        let end = skip(.spaces, from: first.end)
        let last = (start..<end).last(where: isNewline)
        return last.map { $0 + 1 } ?? spaces(from: start, first: first, to: end)
    }

    /// `\s+(?!\S)|\s+`: the last of several spaces belongs to the word that follows.
    private func spaces(from start: Int, first: Scalar, to end: Int) -> Int {
        guard end < count, end > first.end else { return end }
        var last = end - 1
        while self[last] & 0xC0 == 0x80 { last -= 1 }
        return last
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`, at an apostrophe. Folding case takes `ſ` (U+017F) for an `s`.
    private func contraction(at start: Int, folding: Bool) -> Int? {
        guard start + 1 < count else { return nil }
        let fold: UInt8 = folding ? 0x20 : 0
        let first = self[start + 1] | fold, second = start + 2 < count ? self[start + 2] : 0
        switch (Unicode.Scalar(first), Unicode.Scalar(second | fold)) {
        case ("s", _), ("t", _), ("m", _), ("d", _): return start + 2
        case ("r", "e"), ("v", "e"), ("l", "l"): return start + 3
        default: return folding && self[start + 1] == 0xC5 && second == 0xBF ? start + 3 : nil
        }
    }
}
