/// What all copies of a ``Tokenizer`` share.
final class TokenizerCore: Sendable {
    enum Encoder {
        case byteLevel(BPE<ByteLevelModel>)
        case sentencePiece(BPE<SentencePieceModel>)
        case unigram(Unigram)
        case wordPiece(WordPiece)
    }

    let vocabulary: Vocabulary
    let bos, eos, pad: Int?
    let addsBOS, addsEOS: Bool
    let prefix: TokenizerSpecification.Spaces.Prefix
    let normalization: TokenizerSpecification.Normalization
    /// Whether what the tokens of a text stand for begins with a space that the text has not.
    let beginsWithSpace: Bool
    let endOfGeneration: Set<Int>
    let between: [Int]?
    private let encoder: Encoder
    /// All that is matched as a whole, and the part of it that is matched in text no one trusts.
    private let specials, userDefined: SpecialTokens
    private let leftStripping: Set<Int>
    private let pool = ScratchPool()

    init(_ specification: TokenizerSpecification) throws {
        try specification.validate()
        vocabulary = Vocabulary(specification)
        (bos, eos, pad) = (specification.bos, specification.eos, specification.pad)
        (addsBOS, addsEOS) = (specification.addsBOS, specification.addsEOS)
        encoder = try Encoder(specification, vocabulary)
        prefix = specification.kind.spaces?.prefix ?? .never
        leftStripping = specification.leftStripping
        if case .wordPiece = specification.kind { beginsWithSpace = true } else { beginsWithSpace = prefix != .never }
        (normalization, between) = (specification.normalization, specification.between)
        let kinds = vocabulary.kinds
        let special = kinds.indices.filter { [.control, .unknown, .userDefined].contains(kinds[$0]) }
        specials = SpecialTokens(special, vocabulary)
        userDefined = SpecialTokens(special.filter { kinds[$0] == .userDefined }, vocabulary)
        endOfGeneration = specification.endOfGeneration.union(TurnEnders.ids(in: vocabulary, eos: eos))
    }

    func encode(_ text: UTF8Text, addSpecial: Bool, parseSpecial: Bool) -> [Int] {
        var ids: [Int] = []
        ids.reserveCapacity(text.count / 4 + 2)
        if addSpecial, addsBOS, let bos { ids.append(bos) }
        let wholes = parseSpecial ? specials : userDefined
        pool.withScratch { scratch in
            switch encoder {
            case .byteLevel, .wordPiece: encode(text, wholes, with: scratch, into: &ids)
            case .unigram where normalization.keepsMarks: encode(text, wholes, with: scratch, into: &ids)
            case .sentencePiece, .unigram:
                SpaceMarks.withSpaces(text) { encode($0, wholes, with: scratch, into: &ids) }
            }
        }
        if addSpecial, addsEOS, let eos { ids.append(eos) }
        return ids
    }

    private func encode(_ text: UTF8Text, _ wholes: SpecialTokens, with scratch: Scratch, into ids: inout [Int]) {
        var start = 0, prefixer = SpacePrefixer(prefix)
        while start < text.count {
            let match = wholes.next(in: text, from: start)
            let end = match.map { beginning(of: $0, in: text, from: start) } ?? text.count
            if end > start {
                let plain = UTF8Text(text.base + start, count: end - start)
                normalization.withNormal(plain) { normal in
                    let isPrefixed = prefixer.takesPrefix(normal, at: start)
                    encode(normal: normal, prefixed: isPrefixed, with: scratch, into: &ids)
                }
            }
            guard let match else { break }
            ids.append(match.id)
            prefixer.passed(isSpecial: vocabulary.isSpecial(match.id))
            start = match.end
        }
    }

    /// Where a match begins, with the white space that its token takes along.
    private func beginning(of match: SpecialTokens.Match, in text: UTF8Text, from start: Int) -> Int {
        guard leftStripping.contains(match.id) else { return match.start }
        var begin = match.start
        while begin > start, [0x20, 0x09, 0x0A, 0x0D].contains(text[begin - 1]) { begin -= 1 }
        return begin
    }

    private func encode(normal: UTF8Text, prefixed: Bool, with scratch: Scratch, into ids: inout [Int]) {
        guard !prefixed else {
            return SpaceMarks.withPrefix(normal) {
                encode(normal: $0, prefixed: false, with: scratch, into: &ids)
            }
        }
        switch encoder {
        case .byteLevel(let bpe): bpe.encode(normal, with: scratch, into: &ids)
        case .sentencePiece(let bpe): bpe.encode(normal, with: scratch, into: &ids)
        case .unigram(let unigram): unigram.encode(normal, into: &ids)
        case .wordPiece(let words): words.encode(normal, into: &ids)
        }
    }
}

extension TokenizerCore.Encoder {
    init(_ specification: TokenizerSpecification, _ vocabulary: Vocabulary) throws {
        switch specification.kind {
        case .byteLevelBPE(let pre, let ignoresMerges):
            let merges = specification.merges
            let model = try ByteLevelModel(vocabulary, pre, ignoresMerges: ignoresMerges, merges: merges)
            self = .byteLevel(BPE(model: model, joints: Joints(vocabulary, unencodable: model.unencodable)))
        case .sentencePieceBPE(let spaces):
            let model = try SentencePieceModel(vocabulary, specification, splitsWords: spaces.splitsWords)
            self = .sentencePiece(BPE(model: model, joints: Joints(vocabulary, unencodable: [])))
        case .unigram(let spaces):
            self = .unigram(Unigram(vocabulary, specification, splitsWords: spaces.splitsWords))
        case .wordPiece(let rules): self = .wordPiece(try WordPiece(rules, specification))
        }
    }
}
