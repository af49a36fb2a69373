/// What all copies of a ``Tokenizer`` share.
final class TokenizerCore: Sendable {
    enum Encoder {
        case byteLevel(BPE<ByteLevelModel>)
        case sentencePiece(BPE<SentencePieceModel>)
        case unigram(Unigram)
    }

    let vocabulary: Vocabulary
    let bos, eos, pad: Int?
    let addsBOS, addsEOS: Bool
    let prefix: TokenizerSpecification.Spaces.Prefix
    let normalization: TokenizerSpecification.Normalization
    let endOfGeneration: Set<Int>
    private let encoder: Encoder
    /// All that is matched as a whole, and the part of it that is matched in text no one trusts.
    private let specials, userDefined: SpecialTokens
    private let pool = ScratchPool()

    init(_ specification: TokenizerSpecification) throws {
        try specification.validate()
        vocabulary = Vocabulary(specification)
        (bos, eos, pad) = (specification.bos, specification.eos, specification.pad)
        (addsBOS, addsEOS) = (specification.addsBOS, specification.addsEOS)
        encoder = try Encoder(specification, vocabulary)
        prefix = specification.kind.spaces?.prefix ?? .never
        normalization = specification.normalization
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
            case .byteLevel: encode(text, wholes, with: scratch, into: &ids)
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
            let end = match?.start ?? text.count
            if end > start {
                let plain = UTF8Text(text.base + start, count: end - start)
                let isPrefixed = prefixer.takesPrefix(plain, at: start)
                encode(plain, prefixed: isPrefixed, with: scratch, into: &ids)
            }
            guard let match else { break }
            ids.append(match.id)
            prefixer.passed(isSpecial: vocabulary.isSpecial(match.id))
            start = match.end
        }
    }

    private func encode(_ plain: UTF8Text, prefixed: Bool, with scratch: Scratch, into ids: inout [Int]) {
        guard normalization == .none || plain.isComposed else {
            return plain.withComposed { encode(normal: $0, prefixed: prefixed, with: scratch, into: &ids) }
        }
        encode(normal: plain, prefixed: prefixed, with: scratch, into: &ids)
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
        }
    }
}
