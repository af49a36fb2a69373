extension PreTokenizer {
    /// The regular expressions that cut the text one after another, as published.
    var expressions: [String] {
        switch self {
        case .gpt2: [Self.gpt2Expression]
        case .smolLM: [Self.number, Self.gpt2Expression]
        case .llama3: [Self.modernExpression("{1,3}")]
        case .qwen2: [Self.modernExpression("")]
        case .gpt4o: [Self.gpt4oExpression]
        case .tekken: [Self.tekkenExpression]
        case .miniCPM5: [#"\p{N}{1,3}"#, Self.modernExpression("+")]
        case .deepSeek: DeepSeekWords.general.expressions
        case .deepSeekCoder: DeepSeekWords.code.expressions
        case .deepSeek3: [#"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", Self.deepSeekExpression]
        }
    }

    /// The pattern that these expressions make, if it is known here.
    init?(expressions: [String]) {
        let plain = expressions.map { $0 == Self.gpt2Spelling ? Self.gpt2Expression : $0 }
        guard let found = Self.allCases.first(where: { $0.expressions == plain }) else { return nil }
        self = found
    }

    static let number = #"\p{N}"#
    static let gpt2Expression = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    /// The same in another spelling.
    private static let gpt2Spelling = #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// Its ends of lines are the characters themselves.
    private static let deepSeekExpression =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^"## + "\r\n"
        + #"\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+["# + "\r\n" + #"]*|\s*["# + "\r\n"
        + #"]+|\s+(?!\S)|\s+"#

    private static let gpt4oExpression = casedExpression(#"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#, "{1,3}")
    private static let tekkenExpression = casedExpression("", "")

    private static func casedExpression(_ contractions: String, _ digits: String) -> String {
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"# + contractions
            + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"# + contractions
            + #"|\p{N}"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    private static func modernExpression(_ digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
}
