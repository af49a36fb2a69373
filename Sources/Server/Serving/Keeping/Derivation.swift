import Foundation
import Inference
import Text

/// How a model is made of another: other words to begin with, another template, other standards of sampling. The weights are
/// the other's. It is what Ollama's Modelfile says without ADAPTER.
struct Derivation: Sendable {
    var name: String, base: String
    var system: String?
    /// A Jinja template, in place of the base's.
    var template: String?
    /// As Ollama's `options`.
    var parameters: OrderedObject = [:]
    /// Turns before those of any conversation.
    var messages: [JSON] = []
    var licences: [String] = []
    /// In seconds of the Unix epoch.
    var created: Int

    /// Whether it differs from its base in nothing but the name.
    var isPlain: Bool {
        system == nil && template == nil && parameters.isEmpty && messages.isEmpty && licences.isEmpty
    }

    /// What holds of `base`, which may have been made of another itself, and what this one says beyond.
    func over(_ base: Derivation?) -> Derivation {
        guard let base else { return self }
        var result = self
        result.base = base.base
        result.system = system ?? base.system
        result.template = template ?? base.template
        result.parameters = base.parameters
        for (name, value) in parameters { result.parameters[name] = value }
        if messages.isEmpty { result.messages = base.messages }
        if licences.isEmpty { result.licences = base.licences }
        return result
    }

    /// What a list of models tells differently from the base.
    func mark(_ card: inout ModelCard) {
        (card.name, card.created) = (name, created)
        if let template { card.chatTemplate = template }
    }
}

// MARK: On the disk

extension Derivation {
    var json: JSON {
        var members: OrderedObject = ["name": .string(name), "from": .string(base), "created": .integer(created)]
        if let system { members["system"] = .string(system) }
        if let template { members["template"] = .string(template) }
        if !parameters.isEmpty { members["parameters"] = .object(parameters) }
        if !messages.isEmpty { members["messages"] = .array(messages) }
        if !licences.isEmpty { members["license"] = .array(licences.map(JSON.string)) }
        return .object(members)
    }

    init(_ field: JSONField) throws {
        (name, base) = (try field["name"].string, try field["from"].string)
        created = try field["created"].integer
        system = try field["system"].optional?.string
        template = try field["template"].optional?.string
        parameters = try field["parameters"].optional?.object ?? [:]
        messages =
            try field["messages"].optional?.elements.map { field in
                _ = try Message.wire(field)
                return field.value ?? .null
            } ?? []
        licences = try field["license"].optional?.elements.map { try $0.string } ?? []
    }
}

// MARK: The model

/// A model under another name, with what a ``Derivation`` says of it. Its engine and cache are the base's.
struct DerivedModel: GenerativeModel {
    let card: ModelCard
    let defaults: Sampling
    private let base: any GenerativeModel, derivation: Derivation, template: ChatTemplate?

    /// - Parameter template: the derivation's, ready for use.
    init(_ derivation: Derivation, of base: any GenerativeModel, template: ChatTemplate?) {
        (self.derivation, self.base, self.template) = (derivation, base, template)
        var card = base.card
        derivation.mark(&card)
        if let template { (card.calls, card.thoughts) = (template.calls, template.thoughts) }
        let parameters = JSONField(.object(derivation.parameters), path: "parameters")
        // They were read when the model was made.
        card.stop = (try? StopTexts.read(parameters["stop"])) ?? []
        card.maxTokens = (try? parameters["num_predict"].optional?.integer).flatMap { $0 > 0 ? $0 : nil }
        defaults = (try? Sampling(ollama: parameters, base.defaults)) ?? base.defaults
        self.card = card
    }

    var vocabulary: any Vocabulary { base.vocabulary }
    var grammars: GrammarShop { base.grammars }
    var statistics: EngineStatistics { base.statistics }
    var keptEngine: Engine? { base.keptEngine }
    var isIdle: Bool { base.isIdle }

    func generate(_ request: GenerationRequest) throws(EngineError) -> GenerativeModel.Events {
        try base.generate(request)
    }

    func render(_ conversation: Conversation) throws -> String {
        var conversation = conversation
        let leads = conversation.messages.first.map { [.system, .developer].contains($0.role) } ?? false
        let first = leads ? 1 : 0
        let turns = try derivation.messages.map { try Message($0) }
        conversation.messages.insert(contentsOf: turns, at: first)
        if !leads, let system = derivation.system { conversation.messages.insert(.system(.text(system)), at: 0) }
        guard let template else { return try base.render(conversation) }
        let isPrompting = if case .prompting = conversation.ending { true } else { false }
        return try template.render(
            conversation.messages,
            tools: conversation.tools,
            addGenerationPrompt: isPrompting,
            extra: conversation.extra
        )
    }
}

extension Derivation {
    /// A template for the tokens of that model.
    static func compiled(_ source: String, for model: any GenerativeModel) throws -> ChatTemplate {
        let words = model.vocabulary
        func token(_ id: Int?) -> String { id.flatMap { words.token($0) } ?? "" }
        return try ChatTemplate(source, bosToken: token(words.bos), eosToken: token(words.eos))
    }
}
