import Foundation
import Inference
import Text

/// A conversation that is kept between two runs of a command, with what the model's cache has of it.
struct KeptDialogue: Sendable {
    private let path: String, identity: String, layout: CacheLayout
    private let served: ServedModel, engine: Engine
    private var messages: [Message]
    private let text: CachedText?

    /// - Parameter system: how the model should behave, where the conversation begins now.
    init(_ name: String, _ served: ServedModel, _ engine: Engine, system: String?) throws {
        guard served.template != nil else {
            throw BadInput("\(served.name) is a base model without a chat template: leave --session out")
        }
        guard let identity = served.identity, let layout = engine.cacheLayout else {
            throw SessionError.notKept("it was not opened from a file, or keeps states instead of keys and values")
        }
        (self.served, self.engine, self.identity, self.layout) = (served, engine, identity, layout)
        path = try SessionFolder.home.path(name)
        let session = try SessionFolder.home.session(name)
        try session?.check(identity, layout, path: path)
        if system != nil, session != nil {
            throw BadInput("the session \(name) has begun already: leave --system out, or take another name")
        }
        messages = session?.messages ?? system.map { [Message.system(.text($0))] } ?? []
        text = session?.text
    }

    /// The tokens of the conversation with the next question; what was kept of it is put back.
    mutating func prompt(_ question: String) async throws -> [Int] {
        messages.append(.user(.text(question)))
        if let text { try await engine.restore(text, of: served) }
        return served.tokenizer.encode(try served.template?.render(messages) ?? "", addSpecial: false)
    }

    /// Keeps the conversation with its answer.
    func keep(_ answer: Said, to request: GenerationRequest) async throws {
        let said = messages + [.assistant(.text(answer.text))]
        let cached = try await engine.cached(request.prompt + answer.tokens, of: served)
        try Session(identity: identity, layout: layout, text: cached, messages: said, model: served.name)
            .write(to: path)
    }
}

extension SessionFolder {
    /// `YUYAN_HOME/sessions`.
    static var home: SessionFolder { SessionFolder(path: Home.folder() + "/sessions") }
}
