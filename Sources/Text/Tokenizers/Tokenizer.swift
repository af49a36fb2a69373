/// Turns text into the token ids that a model reads, and ids back into text.
///
/// A tokenizer is cheap to copy, and any number of threads may use one at once. It knows nothing about files (a
/// ``TokenizerSpecification`` says what one holds) or about chat (``ChatTemplate`` writes the text).
///
/// ## Topics
///
/// ### Making one
/// - ``init(_:)``
/// - ``TokenizerSpecification``
///
/// ### Text to ids and back
/// - ``encode(_:addSpecial:parseSpecial:)``
/// - ``decode(_:skipSpecial:)``
/// - ``makeDecoder(skipSpecial:showing:continuing:)``
public struct Tokenizer: Sendable {
    let core: TokenizerCore

    /// Throws ``TokenizerError`` if the specification contradicts itself.
    public init(_ specification: TokenizerSpecification) throws {
        core = try TokenizerCore(specification)
    }

    public var vocabularySize: Int { core.vocabulary.count }
    public var bos: Int? { core.bos }
    public var eos: Int? { core.eos }
    public var pad: Int? { core.pad }
    /// Whether ``encode(_:addSpecial:parseSpecial:)`` puts BOS first, and EOS last, when special tokens are asked for.
    public var addsBOS: Bool { core.addsBOS }
    public var addsEOS: Bool { core.addsEOS }
    /// The tokens after which a model has no more to say: EOS, and the control tokens that end a turn.
    public var endOfGeneration: Set<Int> { core.endOfGeneration }

    /// The ids of `text`.
    ///
    /// - Parameters:
    ///   - addSpecial: Put BOS before and EOS after the text, as far as the model wants them.
    ///   - parseSpecial: Read the spelling of a control token, such as `<|im_end|>`, as that token. Turn it off for
    ///     text that users write: then it is text like any other. User-defined tokens are found either way.
    public func encode(_ text: String, addSpecial: Bool = true, parseSpecial: Bool = true) -> [Int] {
        var text = text
        return text.withUTF8 { encode($0, addSpecial: addSpecial, parseSpecial: parseSpecial) }
    }

    /// The ids of bytes that should be UTF-8; those that are not are encoded one by one.
    public func encode(
        bytes: some Collection<UInt8>,
        addSpecial: Bool = true,
        parseSpecial: Bool = true
    ) -> [Int] {
        let whole = bytes.withContiguousStorageIfAvailable {
            encode($0, addSpecial: addSpecial, parseSpecial: parseSpecial)
        }
        return whole ?? encode(bytes: Array(bytes), addSpecial: addSpecial, parseSpecial: parseSpecial)
    }

    private func encode(_ bytes: UnsafeBufferPointer<UInt8>, addSpecial: Bool, parseSpecial: Bool) -> [Int] {
        let text = bytes.baseAddress.map { UTF8Text($0, count: bytes.count) } ?? .empty
        return core.encode(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
    }
}

extension Tokenizer {
    /// Whether the model reads two texts together: see ``encode(_:with:)``.
    public var readsPairs: Bool { core.between != nil }

    /// The ids of two texts that a model reads together, and which of the two each belongs to: 0 or 1. What users write is text.
    ///
    /// Where the tokenizer does not say what stands between two texts, its last token does.
    public func encode(_ first: String, with second: String) -> (ids: [Int], segments: [Int]) {
        let opening = addsBOS ? [bos].compactMap { $0 } : [], closing = addsEOS ? [eos].compactMap { $0 } : []
        let before = opening + encode(first, addSpecial: false, parseSpecial: false) + (core.between ?? closing)
        let after = encode(second, addSpecial: false, parseSpecial: false) + closing
        return (before + after, before.map { _ in 0 } + after.map { _ in 1 })
    }
}

extension Tokenizer {
    /// The text of `ids`; bytes that are not UTF-8 become U+FFFD, ids outside the vocabulary nothing.
    public func decode(_ ids: some Sequence<Int>, skipSpecial: Bool = false) -> String {
        var decoder = makeDecoder(skipSpecial: skipSpecial)
        var text = ""
        for id in ids { text += decoder.append(id) }
        return text + decoder.finish()
    }

    /// A decoder for ids that arrive one by one.
    ///
    /// - Parameter shown: Control tokens that appear as they are spelt though others are skipped.
    /// - Parameter continuing: The ids go on with a text. Where a SentencePiece model puts a space before every text,
    ///   the decoder of a new text drops it, and that of a continued one keeps it.
    public func makeDecoder(
        skipSpecial: Bool = true,
        showing shown: Set<Int> = [],
        continuing: Bool = false
    ) -> IncrementalDecoder {
        IncrementalDecoder(core, skipSpecial: skipSpecial, showing: shown, continuing: continuing)
    }

    /// The bytes that a token stands for; none for an id outside the vocabulary.
    public func bytes(of id: Int) -> [UInt8] { Array(core.vocabulary.bytes(of: id)) }

    /// The spelling of a token in the vocabulary.
    public func token(_ id: Int) -> String? {
        core.vocabulary.spellings.indices.contains(id) ? core.vocabulary.spellings[id] : nil
    }

    /// The token that the vocabulary spells like this.
    public func id(of token: String) -> Int? { core.vocabulary.id(of: token) }

    /// Whether a token steers the model and is no part of the text.
    public func isSpecial(_ id: Int) -> Bool { core.vocabulary.isSpecial(id) }
}
