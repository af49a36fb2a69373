/// Learns a unigram language model of pieces from text (Kudo 2018), with the 256 bytes for what is no piece.
///
/// Frequent substrings are the first pieces. Expectation and maximisation give each its probability; then the pieces go
/// whose loss costs the text least, until there are few enough.
///
/// ```swift
/// let trainer = UnigramTrainer(.init(vocabularySize: 16_000, specialTokens: ["<s>", "</s>"]))
/// let specification = try trainer.train(on: documents)
/// ```
///
/// Memory grows with the distinct words, not with the corpus; the result depends on the text and the settings alone.
public struct UnigramTrainer: Sendable {
    /// What pieces are cut from; a space always begins a word.
    public enum Words: Sendable, Hashable {
        /// Letters, numbers and other characters are not mixed.
        case ofOneClass
        /// A piece may hold anything but a second space: fewer tokens, among them `。\n` and `曰：“`.
        case betweenSpaces
    }

    public struct Settings: Sendable, Hashable {
        /// How many tokens to end up with: special ones, `<unk>`, 256 bytes, and pieces; fewer where there are no more.
        public var vocabularySize: Int
        /// Control tokens, which get the ids after `<unk>`. Their spelling is ordinary text to the trainer.
        public var specialTokens: [String]
        /// The share of all characters that is to be spelled without bytes; the rarest others are left to them.
        public var coverage: Double
        /// The most characters in a piece, a leading space counted.
        public var longestPiece: Int
        /// The most substrings to begin with.
        public var seedPieces: Int
        public var words: Words
        /// Whether text begins as if a space stood before it.
        public var prefix: TokenizerSpecification.Spaces.Prefix
        /// How many threads count and estimate.
        public var threads: Int

        public init(
            vocabularySize: Int = 16_000,
            specialTokens: [String] = [],
            coverage: Double = 0.9995,
            longestPiece: Int = 16,
            seedPieces: Int = 400_000,
            words: Words = .ofOneClass,
            prefix: TokenizerSpecification.Spaces.Prefix = .never,
            threads: Int = TokenizerTraining.defaultThreads
        ) {
            self.vocabularySize = vocabularySize
            self.specialTokens = specialTokens
            self.coverage = coverage
            self.longestPiece = longestPiece
            self.seedPieces = seedPieces
            self.words = words
            self.prefix = prefix
            self.threads = threads
        }
    }

    static let unknown = "<unk>"
    /// What is kept of the pieces in each round, and how many rounds of estimation go before.
    private static let share = 0.75, estimations = 2
    /// What is pruned to before the last choice, by score.
    private static let margin = 1.1

    public let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    /// Reads all chunks once and learns the pieces.
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
        let special = [Self.unknown] + settings.specialTokens
        try TokenizerTraining.check(special)
        precondition((1...PieceRuns.longest).contains(settings.longestPiece), "pieces have 1 to 48 characters")
        let words = try WordCounting(threads: settings.threads, wordEnd: wordEnd).count(chunks, progress: progress)
        guard words.count > 0 else { throw TokenizerTrainingError.noText }
        let alphabet = PieceAlphabet(words, coverage: settings.coverage)
        let room = settings.vocabularySize - special.count - 256
        guard alphabet.scalars.count <= room else {
            let needed = settings.vocabularySize - room + alphabet.scalars.count
            throw TokenizerTrainingError.vocabularyTooSmall(settings.vocabularySize, needed: needed)
        }
        let runs = PieceRuns(words, alphabet)
        let model = try learn(runs, alphabet, room: room, progress)
        let finished = FinishedPieces(model, alphabet, room: room, special: special)
        return finished.specification(prefix: settings.prefix)
    }

    private var wordEnd: @Sendable (UTF8Text, Int) -> Int {
        switch settings.words {
        case .betweenSpaces: { text, start in text.wordEndAtSpace(from: start) }
        case .ofOneClass:
            { text, start in
                min(PreTokenizer.gpt2.wordEnd(in: text, from: start), text.wordEndAtSpace(from: start))
            }
        }
    }

    private func learn(
        _ runs: PieceRuns,
        _ alphabet: PieceAlphabet,
        room: Int,
        _ progress: (TokenizerTraining.Progress) throws -> Void
    ) throws -> PieceModel {
        let seeds = SeedPieces(runs, longest: settings.longestPiece, most: settings.seedPieces).find()
        var model = PieceModel(alphabet: alphabet.scalars.count, seeds)
        let goal = Int(Double(room) * Self.margin)
        while true {
            try progress(.pruning(pieces: model.count, to: goal))
            for _ in 0..<Self.estimations {
                model = model.estimated(by: model.expectations(of: runs, threads: settings.threads).counts)
            }
            guard model.count > goal else { return model }
            let size = max(goal, Int(Double(model.count) * Self.share))
            model = PiecePruning(model, runs, threads: settings.threads).pruned(to: size)
        }
    }
}
