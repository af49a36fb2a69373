package import Checkpoints
package import Text

extension TokenizerSpecification {
    /// Adds the tokenizer to the metadata of a GGUF file.
    ///
    /// - Throws: ``BundleError/inexpressible(format:what:)`` for a tokenizer that readers of the file would not have as it is.
    package func write(to metadata: inout GGUFMetadata) throws {
        func set(_ key: String, _ value: GGUFValue?) { metadata["tokenizer.ggml." + key] = value }
        func id(_ id: Int?) -> GGUFValue? { id.map { .uint32(UInt32($0)) } }
        try writeModel(set)
        let kinds = kinds.isEmpty ? Array(repeating: TokenKind.normal, count: tokens.count) : kinds
        set("tokens", .array(GGUFArray(writtenTokens)))
        set("token_type", .array(GGUFArray(kinds.map { Int32($0.rawValue) })))
        set("bos_token_id", id(bos))
        set("eos_token_id", id(eos))
        set("unknown_token_id", id(unknown))
        set("padding_token_id", id(pad))
        set("add_bos_token", .bool(addsBOS))
        set("add_eos_token", .bool(addsEOS))
        let enders = endOfGeneration.subtracting([eos].compactMap { $0 }).sorted()
        set("eot_token_id", id(enders.first))
        set("eom_token_id", id(enders.dropFirst().first))
        try writeEncoder(set, id)
        metadata[Self.normalizationKey] = normalization == .nfc ? .string("nfc") : nil
        metadata[Self.spacingKey] = ownSpacing.map { .string($0.rawValue) }
        metadata[Self.prefixKey] = ownPrefix.map { .string($0.rawValue) }
        try refuseOtherReading(metadata)
    }

    /// What becomes of several spaces, where the format's keys would have it otherwise.
    private var ownSpacing: Spacing? {
        guard case .mapped(_, let spacing) = normalization, spacing != .kept else { return nil }
        if case .unigram = kind, spacing == .split { return nil }
        return spacing
    }

    /// Where text gets a space before it, where that is neither nowhere nor where the format's readers put it. Texts that begin
    /// with a space, or have special tokens inside, are all that they would read otherwise.
    private var ownPrefix: Spaces.Prefix? {
        switch kind {
        case .byteLevelBPE, .wordPiece: nil
        case .sentencePieceBPE(let spaces): [.never, .afterControls].contains(spaces.prefix) ? nil : spaces.prefix
        case .unigram(let spaces): [.never, .whereMissing].contains(spaces.prefix) ? nil : spaces.prefix
        }
    }

    /// What tokenizers of encoders have besides, under names of their own.
    private func writeEncoder(_ set: (String, GGUFValue?) -> Void, _ id: (Int?) -> GGUFValue?) throws {
        switch kind {
        case .wordPiece, .unigram:
            set("cls_token_id", id(bos))
            set("seperator_token_id", id(eos))  // the format spells it so
        case .byteLevelBPE, .sentencePieceBPE:
            guard case .mapped(let map, _) = normalization, !map.isEmpty else { return }
            throw Self.inexpressible("readers would not replace characters first, as its byte pairs' tokenizer does")
        }
    }

    /// Refuses a tokenizer of an encoder that readers of the file would have as another.
    private func refuseOtherReading(_ metadata: GGUFMetadata) throws {
        switch kind {
        case .byteLevelBPE, .sentencePieceBPE: return
        case .wordPiece, .unigram: break
        }
        let read = try TokenizerSpecification(metadata)
        guard cutsAlike(read), read.tokens == tokens, read.normalization == normalization.tabulated,
            between == nil || read.between == between,
            read.bos == bos, read.eos == eos, read.addsBOS == addsBOS, read.addsEOS == addsEOS
        else { throw Self.inexpressible("readers would cut text in another way than its tokenizer does") }
    }

    /// Whether words end at spaces makes no difference where no token goes on beyond one.
    private func cutsAlike(_ other: Self) -> Bool {
        guard case .unigram(let ours) = kind, case .unigram(let theirs) = other.kind else { return kind == other.kind }
        guard ours.prefix == theirs.prefix else { return false }
        let goesOn = tokens.contains { $0.unicodeScalars.dropFirst().contains("▁") }
        return ours.splitsWords == theirs.splitsWords || !goesOn
    }

    /// BERT's words with a mark before those that begin one, and none before those that go on with it.
    private var writtenTokens: [String] {
        guard case .wordPiece(let rules) = kind else { return tokens }
        let mark = rules.continuation.utf8
        return tokens.enumerated().map { id, token in
            guard kinds.isEmpty || kinds[id] == .normal else { return token }
            guard token.utf8.starts(with: mark) else { return "▁" + token }
            return String(decoding: token.utf8.dropFirst(mark.count), as: UTF8.self)
        }
    }

    private func writeModel(_ set: (String, GGUFValue?) -> Void) throws {
        switch kind {
        case .byteLevelBPE(let pre, let ignoresMerges):
            try refuseOtherMerging(pre, ignoresMerges)
            set("model", .string("gpt2"))
            set("pre", .string(pre.rawValue))
            set("merges", .array(GGUFArray(merges)))
        case .sentencePieceBPE(let spaces):
            set("model", .string("llama"))
            set("pre", .string("default"))
            set("scores", .array(GGUFArray(try pieceScores().map { Float($0) })))
            set("add_space_prefix", .bool(spaces.prefix != .never))
        case .wordPiece: set("model", .string("bert"))
        case .unigram(let spaces): try writeUnigram(spaces, set)
        }
    }

    private func writeUnigram(_ spaces: Spaces, _ set: (String, GGUFValue?) -> Void) throws {
        guard !kinds.contains(.byte) else {
            let problem = "its unigram tokenizer spells what is no token in bytes, where readers see an unknown token"
            throw Self.inexpressible("\(problem); a new network's tokenizer of type bpe can be written")
        }
        set("model", .string("t5"))
        set("scores", .array(GGUFArray(scores.map { Float($0) })))
        set("add_space_prefix", .bool(spaces.prefix != .never))
        var removes = false
        if case .mapped(let map, let spacing) = normalization.tabulated {
            set("precompiled_charsmap", map.bytes.isEmpty ? nil : .array(GGUFArray(map.bytes)))
            removes = spacing != .kept
        }
        set("remove_extra_whitespaces", .bool(removes))
    }

    /// GGUF's readers know from the pattern whether a word that is a token needs merges. It makes no difference where every
    /// token's text is that token both ways.
    private func refuseOtherMerging(_ pre: PreTokenizer, _ ignoresMerges: Bool) throws {
        let implied = pre.usuallyIgnoresMerges
        guard ignoresMerges != implied else { return }
        var other = self
        other.kind = .byteLevelBPE(pre, ignoresMerges: implied)
        let (ours, theirs) = (try Tokenizer(self), try Tokenizer(other))
        for id in tokens.indices {
            let text = ours.bytes(of: id)
            guard ours.encode(bytes: text, addSpecial: false) == theirs.encode(bytes: text, addSpecial: false) else {
                let what =
                    "readers would \(implied ? "not " : "")merge the token “\(tokens[id])”, which this tokenizer does"
                throw Self.inexpressible(what + (implied ? "" : " not"))
            }
        }
    }

    private static func inexpressible(_ what: String) -> BundleError { .inexpressible(format: "GGUF", what: what) }
}

extension TokenizerSpecification {
    /// A score for each piece; where there are merges, those that make readers merge in the same order.
    private func pieceScores() throws -> [Double] {
        guard !merges.isEmpty else { return scores }
        let ids = Dictionary(tokens.enumerated().map { (Array($1.utf8), $0) }) { first, _ in first }
        var scores = [Double](repeating: 0, count: tokens.count), made: [Int] = []
        for merge in merges {
            guard let id = ids[Self.joined(merge)] else { continue }
            if made.last != id { made.append(id) }
            if scores[id] == 0 { scores[id] = -Double(made.count) }
        }
        for id in tokens.indices where kinds.indices.contains(id) && kinds[id] != .normal { scores[id] = 0 }
        var scored = self
        (scored.scores, scored.merges) = (scores, [])
        guard Set(made).count == made.count, Set(scored.impliedMerges) == Set(merges) else {
            throw Self.inexpressible(
                "its merges are not those that scores of its pieces imply; train byte-level pairs for it"
            )
        }
        return scores
    }

    /// What a merge makes: its two halves without the space between.
    private static func joined(_ merge: String) -> [UInt8] {
        var bytes = Array(merge.utf8)
        if let space = bytes.firstIndex(of: UInt8(ascii: " ")) { bytes.remove(at: space) }
        return bytes
    }
}
