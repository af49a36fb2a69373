/// The tokens of a tokenizer: what each spells, which bytes it stands for, and what it is for.
final class Vocabulary: Sendable {
    let spellings: [String]
    let kinds: [TokenizerSpecification.TokenKind]
    /// The bytes that each token stands for; findable are the tokens that text can merge into.
    let table: ByteStringTable
    let isByteLevel: Bool

    init(_ specification: TokenizerSpecification) {
        spellings = specification.tokens
        kinds = specification.tokens.indices.map(specification.kind(of:))
        if case .byteLevelBPE = specification.kind { isByteLevel = true } else { isByteLevel = false }
        var storage: [UInt8] = [], offsets = [0]
        storage.reserveCapacity(spellings.count * 8)
        offsets.reserveCapacity(spellings.count + 1)
        for (spelling, kind) in zip(spellings, kinds) {
            Self.append(spelling, kind, isByteLevel: isByteLevel, to: &storage)
            offsets.append(storage.count)
        }
        table = ByteStringTable(storage: storage, offsets: offsets)
        for (id, kind) in kinds.enumerated() where kind == .normal { table.insert(id) }
        if isByteLevel {  // merges may name added tokens too
            for (id, kind) in kinds.enumerated() where kind != .normal { table.insert(id) }
        }
    }

    var count: Int { spellings.count }

    func isSpecial(_ id: Int) -> Bool {
        kinds.indices.contains(id) && (kinds[id] == .control || kinds[id] == .unknown)
    }

    func bytes(of id: Int) -> UnsafeBufferPointer<UInt8> {
        kinds.indices.contains(id) ? table[id] : UnsafeBufferPointer(start: nil, count: 0)
    }

    /// The bytes by which a token is found in text, where SentencePiece has spaces for marks.
    func bytesInText(of id: Int) -> [UInt8] {
        guard !isByteLevel else { return Array(bytes(of: id)) }
        var spaced: [UInt8] = []
        SpaceMarks.append(bytes(of: id), to: &spaced)
        return spaced
    }

    /// The id of the token that is spelled like this.
    func id(of spelling: String) -> Int? {
        var bytes: [UInt8] = []
        Self.append(spelling, .normal, isByteLevel: isByteLevel, to: &bytes)
        if let id = table.find(bytes).map(Int.init), spellings[id] == spelling { return id }
        return spellings.firstIndex { $0 == spelling && $0.utf8.elementsEqual(spelling.utf8) }
    }

    /// Appends the bytes that the spelling of an ordinary token stands for.
    func append(_ spelling: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        isByteLevel ? ByteAlphabet.append(spelling, to: &bytes) : SpaceMarks.append(spelling, to: &bytes)
    }

    /// Appends the bytes that a spelling stands for.
    static func append(
        _ spelling: String,
        _ kind: TokenizerSpecification.TokenKind,
        isByteLevel: Bool,
        to storage: inout [UInt8]
    ) {
        if kind == .byte, let byte = byte(named: spelling) { return storage.append(byte) }
        var spelling = spelling
        spelling.withUTF8 { utf8 in
            switch kind {
            case .control, .unknown: storage.append(contentsOf: utf8)
            case _ where !isByteLevel: SpaceMarks.append(utf8, to: &storage)
            case .userDefined: storage.append(contentsOf: utf8)
            default: ByteAlphabet.append(utf8, to: &storage)
            }
        }
    }

    /// The byte of a spelling like `<0x0A>`.
    static func byte(named spelling: String) -> UInt8? {
        guard spelling.utf8.count == 6, spelling.hasPrefix("<0x"), spelling.hasSuffix(">") else { return nil }
        return UInt8(spelling.dropFirst(3).dropLast(), radix: 16)
    }
}
