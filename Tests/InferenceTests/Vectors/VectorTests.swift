import Bundles
import Foundation
import Inference
import TestSupport
import Testing
import Text

/// Vectors and scores from whole folders, against the reference library.
@Suite struct VectorTests {
    private static func folder(_ name: String) -> String { Golden.folder.appending(path: "Bundles/\(name)").path }

    private static func model(_ name: String = "bert") throws -> VectorModel {
        try VectorModel.open(path: folder(name), name: name)
    }

    private static func golden(_ path: String) throws -> JSONField {
        JSONField(try JSON(parsing: Data(contentsOf: URL(filePath: folder(path)))))
    }

    @Test func vectorsAreThoseOfTheReferenceLibrary() async throws {
        let engine = VectorEngine(try Self.model()), model = engine.model
        #expect(model.dimensions == 32 && model.contextLength == 64 && !model.ranks)
        let examples = try Self.golden("bert/vectors.json").elements
        let inputs = try examples.map { VectorInput(model.tokens(try $0["text"].string)) }
        let vectors = try await engine.vectors(inputs)
        for (example, (input, vector)) in zip(examples, zip(inputs, vectors)) {
            #expect(try input.tokens.count == example["tokens"].integer)
            let expected = try example["vector"].elements.map { Float(try $0.double) }
            #expect(cosine(vector, expected) > 0.9999)
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        }
        #expect(engine.statistics.texts == examples.count && engine.statistics.waiting == 0)
    }

    @Test func scoresOfPairsAreThoseOfTheReferenceLibrary() async throws {
        let model = try Self.model("xlm-roberta"), golden = try Self.golden("xlm-roberta/scores.json")
        #expect(model.ranks)
        let query = try golden["query"].string
        let inputs = try golden["documents"].elements.map { document in
            let pair = model.tokenizer.encode(query, with: try document.string)
            return VectorInput(pair.ids, segments: pair.segments)
        }
        let scores = try await VectorEngine(model).scores(inputs)
        for (score, expected) in zip(scores, try golden["scores"].elements) {
            #expect(abs(Double(score) - (try expected.double)) < 2e-2)
        }
    }

    /// DESIGN D3, through the queue.
    @Test func aTextsVectorIsTheSameBitsAloneAndInACrowd() async throws {
        var options = VectorEngine.Options()
        options.tokensAtOnce = 40
        let model = try Self.model(), engine = VectorEngine(model, options: options)
        let inputs = (0..<24).map { VectorInput(model.tokens(String(repeating: "swift bird ", count: 1 + $0 % 5))) }
        let alone = try inputs.map { input in try #require(model.vectors([input]).first) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for start in stride(from: 0, to: 24, by: 3) {
                group.addTask {
                    try await engine.vectors(Array(inputs[start..<start + 3])) == Array(alone[start..<start + 3])
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
        #expect(engine.statistics.texts == 24 && engine.statistics.waiting == 0)
    }

    @Test func whatDoesNotFitIsRefusedWithItsCounts() async throws {
        let engine = VectorEngine(try Self.model())
        let limit = engine.model.contextLength
        await #expect(throws: EngineError.promptTooLong(tokens: 65, maxTokens: 0, limit: limit)) {
            try await engine.vectors([VectorInput(Array(repeating: 7, count: 65))])
        }
        await #expect(throws: EngineError.emptyPrompt) { try await engine.vectors([VectorInput([])]) }
        await #expect(throws: EngineError.unknownToken(id: 1200, vocabulary: 1200)) {
            try await engine.vectors([VectorInput([1200])])
        }
        await #expect(throws: EngineError.self) { try await engine.scores([VectorInput([1])]) }
        #expect(try await engine.vectors([]).isEmpty)
    }

    /// Texts take turns, whoever they are of, and whoever leaves has no more of them.
    @Test func aSmallRequestDoesNotWaitForALargeOneThatIsGivenUpThen() async throws {
        var options = VectorEngine.Options()
        options.tokensAtOnce = 20
        let engine = VectorEngine(try Self.model(), options: options)
        let many = Array(repeating: VectorInput(Array(repeating: 7, count: 10)), count: 50_000)
        let large = Task { try await engine.vectors(many) }
        while engine.statistics.waiting == 0 { await Task.yield() }
        #expect(try await engine.vectors([VectorInput([7, 8])]).count == 1)
        #expect(engine.statistics.waiting > 0)
        large.cancel()
        await #expect(throws: EngineError.cancelled) { try await large.value }
        #expect(engine.statistics.waiting == 0 && engine.statistics.texts < many.count)
        #expect(try await engine.vectors([VectorInput([7, 8])]).count == 1)
    }

    @Test func aFullQueueIsTold() async throws {
        var options = VectorEngine.Options()
        options.mostWaiting = 8
        let engine = VectorEngine(try Self.model(), options: options)
        let many = Array(repeating: VectorInput(Array(repeating: 7, count: 60)), count: 40)
        async let first = engine.vectors(many)
        while engine.statistics.texts == 0 && engine.statistics.waiting == 0 { await Task.yield() }
        let second = await Task { try await engine.vectors([VectorInput(Array(repeating: 7, count: 60))]) }.result
        if case .failure(let error) = second { #expect(error as? EngineError == .full(retryAfter: .seconds(1))) }
        #expect(try await first.count == 40)
    }

    /// A decoder reads a text to its end: Qwen3-Embedding's way.
    @Test func aDecodersVectorIsItsLastState() throws {
        let model = try Self.model("qwen3"), tokens = model.tokens("hello world")
        #expect(!model.ranks && model.dimensions == 32)
        let long = try #require(model.vectors([VectorInput(tokens + tokens)]).first)
        let short = try #require(model.vectors([VectorInput(tokens)]).first)
        #expect(long != short && abs(short.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
    }

    @Test func poolingsThatAreNotKnownAreRefused() throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "vectors-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: Self.folder("bert"), toPath: place.path)
        defer { try? FileManager.default.removeItem(at: place) }
        func refuses(_ text: String, _ file: String, naming name: String) throws {
            let url = place.appending(path: file), before = try Data(contentsOf: url)
            try Data(text.utf8).write(to: url)
            let error = #expect(throws: BundleError.self) { try VectorModel.open(path: place.path, name: "x") }
            #expect("\(try #require(error))".contains(name))
            try before.write(to: url)
        }
        try refuses(#"{"pooling_mode_max_tokens": true}"#, "1_Pooling/config.json", naming: "pooling_mode_max_tokens")
        try refuses("{}", "1_Pooling/config.json", naming: "no pooling")
        try refuses(
            #"[{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]"#,
            "modules.json",
            naming: "Dense"
        )
        try refuses(#"[{"type": "x.Pooling"}]"#, "modules.json", naming: "path")
        for path in ["../1_Pooling", "/etc", "1_Pooling/../../x"] {
            let modules = #"[{"path": "\#(path)", "type": "x.Pooling"}]"#
            try refuses(modules, "modules.json", naming: "outside the folder")
        }
        #expect(try VectorModel.open(path: place.path, name: "x").dimensions == 32)
    }
}
