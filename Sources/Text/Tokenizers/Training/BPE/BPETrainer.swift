/// Learns a byte-level byte-pair encoding from text (Sennrich et al. 2016; bytes as in Radford et al. 2019).
///
/// ```swift
/// let trainer = BPETrainer(.init(vocabularySize: 32_000, specialTokens: ["<|endoftext|>"]))
/// let specification = try trainer.train(on: documents)  // any sequence of strings, read once
/// ```
///
/// Text is counted as it comes and then forgotten: memory grows with the distinct words, not with the corpus. The result
/// depends on the text and the settings alone, whatever the number of threads, and is that of the reference library's
/// `BpeTrainer`: of the most frequent pairs, the one with the lowest ids goes first.
public struct BPETrainer: Sendable {
    public struct Settings: Sendable, Hashable {
        /// How many tokens to end up with, special ones and bytes included; fewer where the text gives no more.
        public var vocabularySize: Int
        /// A pair that is rarer is never merged.
        public var minimumFrequency: Int
        /// Control tokens, which get the first ids. Their spelling is ordinary text to the trainer.
        public var specialTokens: [String]
        /// How text is cut into words, which no merge leaves.
        public var preTokenizer: PreTokenizer
        /// Whether every byte gets a token, or only those that occur.
        public var includesAllBytes: Bool
        /// How many threads count words.
        public var threads: Int

        public init(
            vocabularySize: Int = 32_000,
            minimumFrequency: Int = 2,
            specialTokens: [String] = [],
            preTokenizer: PreTokenizer = .qwen2,
            includesAllBytes: Bool = true,
            threads: Int = TokenizerTraining.defaultThreads
        ) {
            self.vocabularySize = vocabularySize
            self.minimumFrequency = minimumFrequency
            self.specialTokens = specialTokens
            self.preTokenizer = preTokenizer
            self.includesAllBytes = includesAllBytes
            self.threads = threads
        }
    }

    public let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    /// Reads all chunks once and learns the merges.
    ///
    /// - Parameters:
    ///   - chunks: Documents, or any pieces of text no word of which goes on in the next.
    ///   - progress: Called now and then on the calling thread; what it throws ends the training.
    /// - Returns: What ``Tokenizer`` takes and ``TokenizerSpecification/tokenizerJSON()`` writes; BOS and EOS are not set.
    /// - Throws: ``TokenizerTrainingError`` where the settings contradict each other or the text is empty.
    public func train(
        on chunks: some Sequence<String>,
        progress: (TokenizerTraining.Progress) throws -> Void = { _ in }
    ) throws -> TokenizerSpecification {
        let pre = settings.preTokenizer
        let alphabet = try Alphabet(settings)
        let words = try WordCounting(threads: settings.threads) { pre.wordEnd(in: $0, from: $1) }
            .count(chunks, progress: progress)
        guard words.count > 0 else { throw TokenizerTrainingError.noText }
        var learner = MergeLearner(words, try alphabet.adding(words))
        try learner.learn(
            vocabularySize: settings.vocabularySize,
            minimumFrequency: settings.minimumFrequency,
            progress: progress
        )
        return learner.specification(.byteLevelBPE(pre), specialTokens: settings.specialTokens)
    }
}

extension BPETrainer {
    /// The tokens that are there before any merge: special ones, then bytes in the order of their letters.
    struct Alphabet {
        private(set) var tokens: [String]
        /// The token of each byte that has one.
        private(set) var ids = [UInt32?](repeating: nil, count: 256)
        private let settings: Settings

        init(_ settings: Settings) throws {
            self.settings = settings
            try TokenizerTraining.check(settings.specialTokens)
            tokens = settings.specialTokens
        }

        /// Adds the bytes that the words or the settings ask for.
        func adding(_ words: WordCounter) throws -> Alphabet {
            var result = self
            var isUsed = [Bool](repeating: settings.includesAllBytes, count: 256)
            for word in 0..<words.count {
                for byte in words[word] { isUsed[Int(byte)] = true }
            }
            let letters = (0..<256).map { ByteAlphabet.letter(of: UInt8($0)) }
            for byte in (0..<256).filter({ isUsed[$0] }).sorted(by: { letters[$0] < letters[$1] }) {
                result.add(UInt8(byte), String(letters[byte]))
            }
            guard result.tokens.count <= settings.vocabularySize else {
                throw TokenizerTrainingError.vocabularyTooSmall(settings.vocabularySize, needed: result.tokens.count)
            }
            return result
        }

        private mutating func add(_ byte: UInt8, _ letter: String) {
            let known = settings.specialTokens.firstIndex { $0.utf8.elementsEqual(letter.utf8) }
            ids[Int(byte)] = UInt32(known ?? tokens.count)
            if known == nil { tokens.append(letter) }
        }
    }
}
