import Inference
import Logging
import Server
import Synchronization
import Text

/// Vectors of lengths and first bytes; scores that count what query and document share.
struct FakeVectors: VectorService {
    var card = ModelCard(name: "vectors", created: 1_700_000_000, contextLength: 16, chatTemplate: nil)
    var vocabulary: any Vocabulary { ByteVocabulary() }
    var dimensions = 4
    var ranks = false
    var isIdle = true
    var refusal: EngineError?
    /// Told when it begins and when it is given up; without it, vectors are there at once.
    var watch: Watch?

    /// How often something was begun, and given up.
    final class Watch: Sendable {
        let begun = Atomic(0), givenUp = Atomic(0)

        func waitForTheEnd() async {
            begun.add(1, ordering: .relaxed)
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            givenUp.add(1, ordering: .relaxed)
        }
    }

    func pair(_ query: String, _ document: String) -> VectorInput {
        let segments = query.utf8.map { _ in 0 } + document.utf8.map { _ in 1 }
        return VectorInput((query + document).utf8.map(Int.init), segments: segments)
    }

    func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]] {
        if let refusal { throw refusal }
        if let watch {
            await watch.waitForTheEnd()
            throw .cancelled
        }
        return inputs.map { [Float($0.tokens.count), Float($0.tokens.last ?? 0), 0.5, -0.25] }
    }

    func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float] {
        if let refusal { throw refusal }
        return inputs.map { Float($0.tokens.last ?? 0) - 100 }
    }
}

extension VectorModels {
    /// Models with a shelf of their own.
    convenience init(_ models: [FakeVectors]) {
        self.init(models.map { model in Entry(Shelf.Item(vectors: model.card.name, bytes: 1) { model }) }, on: Shelf())
    }
}

func server(_ models: [FakeVectors], talks: Bool) -> YuyanServer {
    var options = ServerOptions()
    options.port = 0
    options.trapsSignals = false
    let vectors = VectorModels(models)
    return YuyanServer(
        models: talks ? OneModel(FakeModel()) : VectorsOnly(vectors),
        vectors: vectors,
        options: options,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
    )
}
