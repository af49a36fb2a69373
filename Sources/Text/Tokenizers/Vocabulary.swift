/// The tokens of a tokenizer: what each spells, which bytes it stands for, and what it is for.
final class Vocabulary: Sendable {
    let spellings: [String]
    let kinds: [TokenizerSpecification.TokenKind]
    /// The bytes that each token stands for; findable are the tokens that text can merge into.
    let table: ByteStringTable
    private let alphabet: Alphabet
    var isByteLevel: Bool { if case .bytes = alphabet { true } else { false } }

    /// What spellings are written in.
    private enum Alphabet {
        /// GPT-2's letters for bytes; characters, with a mark for the space; words and, after a mark, what goes on with them.
        case bytes, spaced, words(continuation: [UInt8])

        init(_ kind: TokenizerSpecification.Kind) {
            switch kind {
            case .byteLevelBPE: self = .bytes
            case .sentencePieceBPE, .unigram: self = .spaced
            case .wordPiece(let rules): self = .words(continuation: Array(rules.continuation.utf8))
            }
        }
    }

    init(_ specification: TokenizerSpecification) {
        spellings = specification.tokens
        kinds = specification.tokens.indices.map(specification.kind(of:))
        alphabet = Alphabet(specification.kind)
        var storage: [UInt8] = [], offsets = [0]
        storage.reserveCapacity(spellings.count * 8)
        offsets.reserveCapacity(spellings.count + 1)
        for (spelling, kind) in zip(spellings, kinds) {
            Self.append(spelling, kind, alphabet, to: &storage)
            offsets.append(storage.count)
        }
        table = ByteStringTable(storage: storage, offsets: offsets)
        for (id, kind) in kinds.enumerated() where kind == .normal { table.insert(id) }
        if case .bytes = alphabet {  // merges may name added tokens too
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
        Self.append(spelling, .normal, alphabet, to: &bytes)
        if let id = table.find(bytes).map(Int.init), spellings[id] == spelling { return id }
        return spellings.firstIndex { $0 == spelling && $0.utf8.elementsEqual(spelling.utf8) }
    }

    /// Appends the bytes that the spelling of an ordinary token stands for.
    func append(_ spelling: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        isByteLevel ? ByteAlphabet.append(spelling, to: &bytes) : SpaceMarks.append(spelling, to: &bytes)
    }

    /// Appends the bytes that a spelling stands for.
    private static func append(
        _ spelling: String,
        _ kind: TokenizerSpecification.TokenKind,
        _ alphabet: Alphabet,
        to storage: inout [UInt8]
    ) {
        if kind == .byte, let byte = byte(named: spelling) { return storage.append(byte) }
        var spelling = spelling
        spelling.withUTF8 { utf8 in
            switch (alphabet, kind) {
            case (_, .control), (_, .unknown): storage.append(contentsOf: utf8)
            case (.spaced, _): SpaceMarks.append(utf8, to: &storage)
            case (_, .userDefined): storage.append(contentsOf: utf8)
            case (.bytes, _): ByteAlphabet.append(utf8, to: &storage)
            case (.words(let mark), _):
                let goesOn = utf8.starts(with: mark)
                if !goesOn { storage.append(UInt8(ascii: " ")) }
                storage.append(contentsOf: utf8.dropFirst(goesOn ? mark.count : 0))
            }
        }
    }

    /// The byte of a spelling like `<0x0A>`.
    static func byte(named spelling: String) -> UInt8? {
        guard spelling.utf8.count == 6, spelling.hasPrefix("<0x"), spelling.hasSuffix(">") else { return nil }
        return UInt8(spelling.dropFirst(3).dropLast(), radix: 16)
    }
}
