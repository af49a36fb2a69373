/// What all copies of a ``Tokenizer`` share.
final class TokenizerCore: Sendable {
    enum Encoder {
        case byteLevel(BPE<ByteLevelModel>)
        case sentencePiece(BPE<SentencePieceModel>)
    }

    let vocabulary: Vocabulary
    let bos, eos, pad: Int?
    let addsBOS, addsEOS, addsSpacePrefix: Bool
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
        (encoder, addsSpacePrefix) = try Self.encoder(specification, vocabulary)
        let kinds = vocabulary.kinds
        let special = kinds.indices.filter { [.control, .unknown, .userDefined].contains(kinds[$0]) }
        specials = SpecialTokens(special, vocabulary)
        userDefined = SpecialTokens(special.filter { kinds[$0] == .userDefined }, vocabulary)
        endOfGeneration = specification.endOfGeneration.union(TurnEnders.ids(in: vocabulary, eos: eos))
    }

    private static func encoder(
        _ specification: TokenizerSpecification,
        _ vocabulary: Vocabulary
    ) throws -> (Encoder, addsSpacePrefix: Bool) {
        switch specification.kind {
        case .byteLevelBPE(let pre, let ignoresMerges):
            let merges = specification.merges
            let model = try ByteLevelModel(vocabulary, pre, ignoresMerges: ignoresMerges, merges: merges)
            let joints = Joints(vocabulary, unencodable: model.unencodable)
            return (.byteLevel(BPE(model: model, joints: joints)), false)
        case .sentencePieceBPE(let addsSpacePrefix):
            let (scores, unknown) = (specification.scores, specification.unknown)
            let model = SentencePieceModel(vocabulary, scores: scores, unknown: unknown)
            let joints = Joints(vocabulary, unencodable: [])
            return (.sentencePiece(BPE(model: model, joints: joints)), addsSpacePrefix)
        }
    }

    func encode(_ text: UTF8Text, addSpecial: Bool, parseSpecial: Bool) -> [Int] {
        var ids: [Int] = []
        ids.reserveCapacity(text.count / 4 + 2)
        if addSpecial, addsBOS, let bos { ids.append(bos) }
        let wholes = parseSpecial ? specials : userDefined
        pool.withScratch { scratch in
            switch encoder {
            case .byteLevel: encode(text, wholes, with: scratch, into: &ids)
            case .sentencePiece: SpaceMarks.withSpaces(text) { encode($0, wholes, with: scratch, into: &ids) }
            }
        }
        if addSpecial, addsEOS, let eos { ids.append(eos) }
        return ids
    }

    private func encode(_ text: UTF8Text, _ wholes: SpecialTokens, with scratch: Scratch, into ids: inout [Int]) {
        var start = 0, takesPrefix = addsSpacePrefix
        while start < text.count {
            let match = wholes.next(in: text, from: start)
            let end = match?.start ?? text.count
            if end > start {
                let plain = UTF8Text(text.base + start, count: end - start)
                encode(plain, prefixed: takesPrefix, with: scratch, into: &ids)
                takesPrefix = false
            }
            guard let match else { break }
            ids.append(match.id)
            takesPrefix = addsSpacePrefix && (takesPrefix || vocabulary.isSpecial(match.id))
            start = match.end
        }
    }

    private func encode(_ plain: UTF8Text, prefixed: Bool, with scratch: Scratch, into ids: inout [Int]) {
        switch encoder {
        case .byteLevel(let bpe): bpe.encode(plain, with: scratch, into: &ids)
        case .sentencePiece(let bpe):
            guard prefixed else { return bpe.encode(plain, with: scratch, into: &ids) }
            SpaceMarks.withPrefix(plain) { bpe.encode($0, with: scratch, into: &ids) }
        }
    }
}
