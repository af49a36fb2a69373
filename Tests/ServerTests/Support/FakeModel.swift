import Inference
import Server
import Synchronization
import Text

/// Says fixed words, one a token. Its tokens are bytes; 256 begins and 257 ends a text.
struct FakeModel: GenerativeModel {
    var card = ModelCard(name: "fake", created: 1_700_000_000, contextLength: 128, chatTemplate: "{{ messages }}")
    var words = ["Hello", ",", " world", "!"]
    /// Whether every byte is a token, so that a word has several; else a word is one, of its first byte.
    var spells = false
    var reason = FinishReason.endOfText
    /// What writes its prompts; nil for names of roles and what they say.
    var template: ChatTemplate?
    /// Between two words.
    var pace: Duration?
    var refusal: EngineError?
    var failure: EngineError?
    /// How many requests it takes before it is full.
    var capacity = Int.max
    let watch = Watch()

    /// What became of its generations.
    final class Watch: Sendable {
        private let state = Mutex((started: 0, ended: 0, cancelled: 0, requests: [GenerationRequest]()))

        var started: Int { state.withLock { $0.started } }
        var running: Int { state.withLock { $0.started - $0.ended } }
        var cancelled: Int { state.withLock { $0.cancelled } }
        var requests: [GenerationRequest] { state.withLock { $0.requests } }

        func begin(_ request: GenerationRequest) {
            state.withLock {
                $0.started += 1
                $0.requests.append(request)
            }
        }

        func end(cancelled: Bool) {
            state.withLock {
                $0.ended += 1
                $0.cancelled += cancelled ? 1 : 0
            }
        }
    }

    /// Control tokens beside those of the text's bytes.
    var marks: [String] = []
    var vocabulary: any Vocabulary { ByteVocabulary(marks: marks) }
    let grammars = GrammarShop(ByteVocabulary(), ends: [257], controls: [256, 257])
    var defaults = Sampling(topP: 0.75)
    var statistics: EngineStatistics {
        var statistics = EngineStatistics()
        statistics.running = watch.running
        statistics.accepted = watch.started
        return statistics
    }

    var keptEngine: Engine? { nil }
    var isIdle: Bool { watch.running == 0 }

    func render(_ conversation: Conversation) throws -> String {
        if conversation.messages.contains(where: { $0.content?.text == "refuse me" }) { throw TemplateRefusal() }
        if let template { return try template.render(conversation.messages, tools: conversation.tools) }
        let tools = conversation.tools.map { "[\($0["function"]?["name"]?.string ?? "")]" }.joined()
        let turns = conversation.messages.map { message in
            let thoughts = message.reasoning.map { "(\($0))" } ?? ""
            return "\(message.role.rawValue):\(thoughts)\(message.content?.text ?? "-")\n"
        }
        guard case .prompting = conversation.ending else { return tools + turns.joined() }
        return tools + turns.joined() + ">"
    }

    struct TemplateRefusal: Error, CustomStringConvertible {
        var description: String { "roles must alternate" }
    }

    func generate(_ request: GenerationRequest) throws(EngineError) -> GenerativeModel.Events {
        if let refusal { throw refusal }
        guard watch.running < capacity else { throw .full(retryAfter: .milliseconds(10)) }
        watch.begin(request)
        return Speech(script: script(request), pace: pace, failure: failure, lifeline: Lifeline(watch))
    }

    /// Ends the watch's count once, however the speech ends.
    final class Lifeline: Sendable {
        private let finished = Atomic(false)
        private let watch: Watch

        init(_ watch: Watch) { self.watch = watch }
        deinit { watch.end(cancelled: !finished.load(ordering: .relaxed)) }
        func finish() { finished.store(true, ordering: .relaxed) }
    }
}

// MARK: What it says

extension FakeModel {
    private func script(_ request: GenerationRequest) -> [GenerationEvent] {
        var events: [GenerationEvent] = []
        if request.promptLogprobs {
            events.append(
                .promptScores(
                    request.prompt.enumerated().map { index, id in
                        index == 0 ? TokenScore(id: id) : score(id, -0.5, request)
                    }
                )
            )
        }
        let spoken = words.prefix(request.maxTokens ?? words.count)
        for word in spoken {
            let ids = spells ? word.utf8.map(Int.init) : [Int(word.utf8.first ?? 0)]
            events.append(.delta(text: word, tokens: ids.map { score($0, -0.25, request) }))
        }
        var usage = Usage(promptTokens: request.prompt.count)
        usage.cachedTokens = 2
        usage.completionTokens = spells ? spoken.reduce(0) { $0 + $1.utf8.count } : spoken.count
        (usage.prefill, usage.decoding) = (.milliseconds(20), .milliseconds(30))
        return events + [.finished(spoken.count < words.count ? .length : reason, usage)]
    }

    private func score(_ id: Int, _ logprob: Float, _ request: GenerationRequest) -> TokenScore {
        guard let top = request.topLogprobs else { return TokenScore(id: id) }
        let others = (0..<top).map { TokenScore.Alternative(id: 97 + $0, logprob: -0.125 * Float($0 + 1)) }
        return TokenScore(id: id, logprob: logprob, top: others)
    }

    struct Speech: AsyncSequence, Sendable {
        typealias Element = GenerationEvent
        typealias Failure = EngineError

        let script: [GenerationEvent], pace: Duration?, failure: EngineError?, lifeline: Lifeline

        func makeAsyncIterator() -> Iterator { Iterator(speech: self) }

        struct Iterator: AsyncIteratorProtocol {
            let speech: Speech
            var next = 0

            mutating func next() async throws(EngineError) -> GenerationEvent? { try await next(isolation: nil) }

            mutating func next(
                isolation actor: isolated (any Actor)?
            ) async throws(EngineError) -> GenerationEvent? {
                if let pace = speech.pace { try? await Task.sleep(for: pace) }
                guard !Task.isCancelled, next < speech.script.count else { return nil }
                defer { next += 1 }
                if next == speech.script.count - 1 { speech.lifeline.finish() }
                if next == speech.script.count - 1, let failure = speech.failure { throw failure }
                return speech.script[next]
            }
        }
    }
}

/// Tokens are bytes.
struct ByteVocabulary: Vocabulary {
    /// Their tokens come after all others.
    var marks: [String] = []
    var vocabularySize: Int { 258 + marks.count }
    let bos: Int? = 256, eos: Int? = 257, pad: Int? = nil

    func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [Int] {
        if parseSpecial, let mark = marks.firstIndex(of: text) { return [258 + mark] }
        return (addSpecial ? [256] : []) + text.utf8.map(Int.init)
    }

    func text(of ids: [Int]) -> String { String(decoding: ids.flatMap(bytes), as: UTF8.self) }
    func bytes(of id: Int) -> [UInt8] {
        if marks.indices.contains(id - 258) { return Array(marks[id - 258].utf8) }
        return UInt8(exactly: id).map { [$0] } ?? Array((id == 256 ? "<bos>" : "<eos>").utf8)
    }
    func token(_ id: Int) -> String? { String(decoding: bytes(of: id), as: UTF8.self) }
}
