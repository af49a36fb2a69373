import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

/// Encoders in folders, in files beside each other, and in E5's own form.
@Suite struct EncoderTests {
    @Test func aSentenceEncodersFolderIsReadWhole() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("bert").path)
        #expect(bundle.embedding == EmbeddingDefaults(pooling: .mean, isNormalized: true, mostTokens: 64))
        let names = bundle.weights.entries.map(\.name)
        #expect(names.contains("encoder.layer.1.output.LayerNorm.bias"))
        #expect(try ModelBundle.isEncoder(at: GoldenFolder.golden("bert").path))
        #expect(try !ModelBundle.isEncoder(at: GoldenFolder.golden("llama").path))
    }

    /// Words of BERT's and pieces of XLM-R's, how vectors are made, and a head that scores.
    @Test(arguments: ["bert", "xlm-roberta"]) func aWrittenFileIsTheSameEncoder(name: String) throws {
        var bundle = try ModelBundle.open(GoldenFolder.golden(name).path)
        // What goes on with the mark itself would begin a word in such a file.
        bundle.tokenizer.tokens = bundle.tokenizer.tokens.map { $0 == "##▁" ? "##\u{E000}" : $0 }
        let place = try GoldenFolder()
        try bundle.export(gguf: place.file("model.gguf"))
        let copy = try ModelBundle.open(place.file("model.gguf"))
        #expect(copy.embedding == bundle.embedding && copy.fingerprint == bundle.fingerprint)
        let tokenizers = try [bundle, copy].map { try Tokenizer($0.tokenizer) }
        for text in ["The lazy dog, naïve!", "  雨燕 飞得很快 ", ""] {
            #expect(tokenizers[0].encode(text) == tokenizers[1].encode(text))
            #expect(tokenizers[0].encode(text, with: "x").ids == tokenizers[1].encode(text, with: "x").ids)
        }
    }

    static let waysToVectors = EmbeddingDefaults.Pooling.allCases.flatMap { pooling in
        [true, false].map { EmbeddingDefaults(pooling: pooling, isNormalized: $0, mostTokens: $0 ? 32 : nil) }
    }

    /// In a folder, in a file, and in a folder again; of a network that reads whole texts, and of one that goes on with them.
    @Test(arguments: ["bert", "qwen3"], waysToVectors)
    func howVectorsAreMadeStaysWithTheModel(name: String, embedding: EmbeddingDefaults) throws {
        var bundle = try ModelBundle.open(GoldenFolder.golden(name).path)
        bundle.tokenizer.tokens = bundle.tokenizer.tokens.map { $0 == "##▁" ? "##\u{E000}" : $0 }
        bundle.embedding = embedding
        let place = try GoldenFolder(), (folder, file, again) = ("folder", "model.gguf", "again")
        try bundle.write(to: place.file(folder))
        let written = try ModelBundle.open(place.file(folder))
        try written.export(gguf: place.file(file))
        let exported = try ModelBundle.open(place.file(file))
        try exported.write(to: place.file(again), as: .float32)
        for copy in [written, exported, try ModelBundle.open(place.file(again))] {
            #expect(copy.embedding == embedding)
        }
        for path in [folder, file, again] { #expect(try ModelBundle.makesVectors(at: place.file(path))) }
        let width = try bundle.settings.positive("hidden_size")
        #expect(try place.json("again/1_Pooling/config.json")["word_embedding_dimension"] == .integer(width))
    }

    @Test func aModelThatMakesNoVectorsHasNoFilesThatSayHow() throws {
        let place = try GoldenFolder()
        try ModelBundle.open(GoldenFolder.golden("qwen3").path).write(to: place.file("copy"))
        #expect(try !ModelBundle.makesVectors(at: place.file("copy")))
    }

    @Test func aTokenizerThatReadersWouldHaveOtherwiseIsRefused() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("bert").path), place = try GoldenFolder()
        #expect(complaint { try bundle.export(gguf: place.file("model.gguf")) }.contains("cut text in another way"))
    }

    /// `yuyan pull` keeps the files of one model side by side.
    @Test func filesBesideEachOtherAreAFolder() throws {
        let place = try GoldenFolder(), golden = GoldenFolder.golden("bert")
        let files = [
            ("model.safetensors", "Mini.safetensors"), ("config.json", "Mini.config.json"),
            ("tokenizer.json", "Mini.tokenizer.json"),
        ]
        for (file, name) in files {
            try FileManager.default.copyItem(at: golden.appending(path: file), to: place.url.appending(path: name))
        }
        let bundle = try ModelBundle.open(place.file("Mini.safetensors")), whole = try ModelBundle.open(golden.path)
        #expect(bundle.settings == whole.settings && bundle.weights.entries == whole.weights.entries)
        #expect(bundle.embedding == nil)
        #expect(try ModelBundle.isEncoder(at: place.file("Mini.safetensors")))
        try place.remove("Mini.tokenizer.json")
        #expect(complaint { _ = try ModelBundle.open(place.file("Mini.safetensors")) }.contains("tokenizer.json"))
    }

    @Test func whatMakesVectorsIsToldByItsFiles() throws {
        #expect(try ModelBundle.makesVectors(at: GoldenFolder.golden("bert").path))
        let decoder = try GoldenFolder("qwen3")
        #expect(try !ModelBundle.makesVectors(at: decoder.path))
        try decoder.write("[]", "modules.json")
        #expect(try ModelBundle.makesVectors(at: decoder.path) && !ModelBundle.isEncoder(at: decoder.path))
        #expect(try !ModelBundle.makesVectors(at: decoder.file("nowhere")))
    }

    @Test(arguments: [(nil, false), (0, false), (1, true), (3, true)] as [(Int?, Bool)])
    func aFileThatPoolsMakesVectors(pooling: Int?, makesVectors: Bool) throws {
        var words: GGUFMetadata = [
            "general.architecture": .string("qwen3"), "qwen3.attention.head_count": .uint32(2),
            "qwen3.embedding_length": .uint32(4),
        ]
        if let pooling { words["qwen3.pooling_type"] = .uint32(UInt32(pooling)) }
        let folder = try GoldenFolder()
        try GGUFWriter(words).write(to: folder.file("a.gguf"))
        #expect(try ModelBundle.makesVectors(at: folder.file("a.gguf")) == makesVectors)
    }

    /// A whole small file of E5's form: two layers of width 32, a vocabulary of seven.
    private static func e5() -> [UInt8] {
        var file = Array("E5S1".utf8) + word(1)
        for size in [32, 2, 2, 64, 7, 16, 2] { file += word(size) }
        file += bits(1e-12) + word(32)
        let pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "▁b"]
        file += word(pieces.count) + [0, 2, 1, 3].flatMap(word)
        let blob = pieces.map { Array($0.utf8) }
        file += long(blob.reduce(0) { $0 + $1.count })
        var end = 0
        file += word(0)
        for piece in blob {
            end += piece.count
            file += word(end)
        }
        file += [0, 0, 0, 0, -2, -3, -1].flatMap { bits($0) } + blob.flatMap { $0 }
        file += word(1) + word(9) + word(0xFF21) + [1] + word(0x61)  // Ａ is a
        return file + weights(after: file.count)
    }

    private static func weights(after start: Int) -> [UInt8] {
        let floats: (Int) -> [UInt8] = { count in (0..<count).flatMap { bits(Float($0 % 5) / 8 - 0.25) } }
        let blocks: (Int) -> [UInt8] = { count in
            (0..<count / 32).flatMap { block in [0, 0x28] + (0..<16).map { UInt8(truncatingIfNeeded: $0 * 37 + block) }
            }
        }
        var tensors: [(String, [UInt8])] = [
            ("emb.word", blocks(7 * 32)), ("emb.pos", floats(16 * 32)), ("emb.type", floats(64)),
            ("emb.ln.w", floats(32)), ("emb.ln.b", floats(32)),
        ]
        for layer in 0..<2 {
            for (name, outputs, inputs) in [
                ("q", 32, 32), ("k", 32, 32), ("v", 32, 32), ("ao", 32, 32), ("fi", 64, 32), ("fo", 32, 64),
            ] {
                tensors.append(("l\(layer).\(name).w", blocks(outputs * inputs)))
                tensors.append(("l\(layer).\(name).b", floats(outputs)))
            }
            for name in ["aln", "oln"] {
                tensors += [("l\(layer).\(name).w", floats(32)), ("l\(layer).\(name).b", floats(32))]
            }
        }
        var place = start + 4 + tensors.reduce(0) { $0 + 2 + $1.0.utf8.count + 5 + 16 }, directory = word(tensors.count)
        for (name, bytes) in tensors {
            let length = UInt16(name.utf8.count)
            directory += [UInt8(length & 255), UInt8(length >> 8)] + name.utf8 + [0] + word(0)
            directory += long(place) + long(bytes.count)
            place += bytes.count
        }
        return directory + tensors.flatMap(\.1)
    }

    private static func word(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).littleEndian, Array.init) }
    private static func long(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(value).littleEndian, Array.init) }
    private static func bits(_ value: Float) -> [UInt8] {
        withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
    }

    private static func opened(_ bytes: [UInt8]) throws -> ModelBundle {
        let folder = try GoldenFolder()
        try Data(bytes).write(to: folder.url.appending(path: "e5.bin"))
        return try ModelBundle.open(folder.file("e5.bin"))
    }

    @Test func e5sOwnFileIsRead() throws {
        let bundle = try Self.opened(Self.e5())
        #expect(bundle.embedding == EmbeddingDefaults(pooling: .mean))
        #expect(try bundle.settings("num_hidden_layers") == 2)
        let query = try bundle.weights.tensor("encoder.layer.0.attention.self.query.weight", nil)
        #expect(query?.dtype == .q4_0 && query?.shape == [32, 32])
        let tokenizer = try Tokenizer(bundle.tokenizer)
        #expect(tokenizer.encode("Ａ b") == [0, 4, 5, 6, 2])
        #expect(tokenizer.encode("a", with: "b").ids == [0, 4, 5, 2, 2, 6, 2])
    }

    @Test func formsAreCalledByTheirNames() throws {
        let folder = try GoldenFolder()
        try Data(Self.e5()).write(to: folder.url.appending(path: "e5.bin"))
        let file: GGUFMetadata = [
            "general.architecture": .string("qwen3"), "qwen3.attention.head_count": .uint32(2),
            "qwen3.embedding_length": .uint32(4),
        ]
        try GGUFWriter(file).write(to: folder.file("a.gguf"))
        #expect(ModelBundle.format(at: folder.file("e5.bin")) == "e5s1")
        #expect(ModelBundle.format(at: folder.file("a.gguf")) == "gguf")
        #expect(ModelBundle.format(at: GoldenFolder.golden("bert").path) == "safetensors")
    }

    @Test func e5sOwnFileCutAnywhereIsRefused() throws {
        let file = Self.e5()
        for end in Array(4..<400) + Array(stride(from: 400, to: file.count, by: 97)) {
            #expect(throws: (any Error).self) { try Self.opened(Array(file[..<end])) }
        }
    }

    @Test func e5sOwnFileWithAWrongByteIsRefusedOrRead() throws {
        let file = Self.e5()
        for index in 4..<700 {
            var damaged = file
            damaged[index] ^= 0xFF
            _ = try? Self.opened(damaged)  // and does not crash
        }
    }
}
