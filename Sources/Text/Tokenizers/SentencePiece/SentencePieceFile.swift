/// What SentencePiece's `tokenizer.model` says (`sentencepiece_model.proto`): pieces, how they were trained, what becomes of text
/// before. Fields that do not change ids are passed over.
struct SentencePieceFile {
    private(set) var tokens: [String] = []
    private(set) var scores: [Double] = []
    private(set) var kinds: [TokenizerSpecification.TokenKind] = []
    /// 1 for unigram, 2 for byte pairs, 3 for words, 4 for characters.
    private(set) var algorithm = 1
    private(set) var bos = 1, eos = 2, pad = -1
    private(set) var charactersMap: [UInt8] = []
    private(set) var addsPrefix = true, removesSpaces = true, marksSpaces = true, marksEnds = false

    init(_ file: [UInt8]) throws {
        var reader = ProtobufReader(file[...])
        while let field = try reader.next() {
            switch field.number {
            case 1: try readPiece(Self.message(field, "a piece"))
            case 2: try readTraining(Self.message(field, "trainer_spec"))
            case 3: try readNormalizing(Self.message(field, "normalizer_spec"))
            default: break
            }
        }
        try requireDistinct()
    }

    private mutating func readPiece(_ message: ArraySlice<UInt8>) throws {
        let id = tokens.count
        guard id < TokenizerSpecification.maximumCount else { throw TokenizerError.vocabularyTooLarge(id + 1) }
        var reader = ProtobufReader(message), token = "", score: Float = 0, type = 1
        while let field = try reader.next() {
            switch field.number {
            case 1: token = try Self.text(field, of: id)
            case 2: score = try Self.require(field.value.float, "the score of piece \(id)")
            case 3: type = try Self.require(field.value.integer, "the type of piece \(id)")
            default: break
            }
        }
        guard let kind = UInt8(exactly: type).flatMap(TokenizerSpecification.TokenKind.init) else {
            throw TokenizerError.unknownTokenKind(type, token: id)
        }
        guard !token.isEmpty else { throw TokenizerError.damaged("piece \(id) is empty") }
        guard score.isFinite else { throw TokenizerError.damaged("the score of piece \(id) is \(score)") }
        if kind == .byte, Vocabulary.byte(named: token) == nil {
            throw TokenizerError.damaged("piece \(id), '\(token)', should be a byte such as <0x0A>")
        }
        tokens.append(token)
        scores.append(Double(score))
        kinds.append(kind)
    }

    private mutating func readTraining(_ message: ArraySlice<UInt8>) throws {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 3: algorithm = try Self.require(field.value.integer, "model_type")
            case 24: marksEnds = try Self.require(field.value.flag, "treat_whitespace_as_suffix")
            case 41: bos = try Self.require(field.value.integer, "bos_id")
            case 42: eos = try Self.require(field.value.integer, "eos_id")
            case 43: pad = try Self.require(field.value.integer, "pad_id")
            default: break
            }
        }
    }

    private mutating func readNormalizing(_ message: ArraySlice<UInt8>) throws {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 2: charactersMap = Array(try Self.message(field, "precompiled_charsmap"))
            case 3: addsPrefix = try Self.require(field.value.flag, "add_dummy_prefix")
            case 4: removesSpaces = try Self.require(field.value.flag, "remove_extra_whitespaces")
            case 5: marksSpaces = try Self.require(field.value.flag, "escape_whitespaces")
            default: break
            }
        }
    }

    /// An id of the training: none where it is -1, or where its piece is one of text.
    func special(_ id: Int) -> Int? {
        guard id != -1 else { return nil }
        return kinds.indices.contains(id) && kinds[id] == .normal ? nil : id
    }

    /// The reference library's trainer never makes, and its reader never takes, two pieces of one spelling.
    private func requireDistinct() throws {
        var seen: [ExactString: Int] = [:]
        for (id, token) in tokens.enumerated() {
            guard let other = seen.updateValue(id, forKey: ExactString(token)) else { continue }
            throw TokenizerError.damaged("the pieces \(other) and \(id) are both '\(token)'")
        }
    }
}

extension SentencePieceFile {
    private static func require<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw TokenizerError.damaged("\(name) is of another type than it should be") }
        return value
    }

    private static func message(_ field: ProtobufReader.Field, _ name: String) throws -> ArraySlice<UInt8> {
        try require(field.value.bytes, name)
    }

    private static func text(_ field: ProtobufReader.Field, of id: Int) throws -> String {
        guard let text = String(validating: try message(field, "piece \(id)"), as: UTF8.self) else {
            throw TokenizerError.damaged("piece \(id) is not UTF-8")
        }
        return text
    }
}
