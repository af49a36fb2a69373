import Bundles
import Checkpoints
import Foundation
import Tensors
import Text

extension TrainingJob {
    /// The model to begin with: an existing one, or a new one's settings and tokenizer, without weights.
    func bundle(_ report: Report) throws -> ModelBundle {
        switch configuration.model {
        case .base(let name):
            let bundle = try open(name)
            guard bundle.adapter == nil else {
                let remedy = "learn over its base again, with the text of both"
                let problem = "\(name) is an adapter, and none goes over another: \(remedy)"
                throw RunConfigurationError("model.base", problem)
            }
            return bundle
        case .new(var settings, let choice, let template):
            let tokenizer = try tokenizer(choice, report)
            if settings["vocab_size"] == nil { settings["vocab_size"] = .integer(tokenizer.tokens.count) }
            if settings["max_position_embeddings"] == nil {
                settings["max_position_embeddings"] = .integer(configuration.batch.context)
            }
            return try ModelBundle(
                settings: Settings(hub: settings),
                weights: [String: Tensor](),
                tokenizer: tokenizer,
                template: template == .chatml ? Self.chatML : nil
            )
        }
    }

    /// Refuses text that is longer than the network has positions.
    func requirePositions(_ bundle: ModelBundle) throws {
        let key = "max_position_embeddings", context = configuration.batch.context, samples = configuration.samples
        guard let most = try bundle.settings.optional(key, Int.self) else { return }
        func exceeds(_ place: String, _ tokens: String) -> RunConfigurationError {
            let name = bundle.settings.spelling(key)
            let problem = "\(tokens) are more than the network's \(name), which is \(most): lower \(place)"
            return RunConfigurationError(place, problem)
        }
        guard context <= most else { throw exceeds("batch.context", "\(context) tokens") }
        let tokenizer = try Tokenizer(bundle.tokenizer)
        for prompt in samples.prompts {
            let ids = tokenizer.encode(prompt, addSpecial: tokenizer.addsBOS, parseSpecial: true)
            guard ids.count + samples.tokens > most else { continue }
            throw exceeds("samples.tokens", "\(ids.count) tokens of a prompt and \(samples.tokens) after them")
        }
    }

    private static let chatML =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
        + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

    private func tokenizer(_ choice: TokenizerChoice, _ report: Report) throws -> TokenizerSpecification {
        switch choice {
        case .of(let path):
            let file = url(path)
            guard file.pathExtension == "json" else { return try open(path).tokenizer }
            return try TokenizerSpecification(tokenizerJSON: Data(contentsOf: file))
        case .learnt(let learnt):
            let text = TrainingText(try configuration.data.train.map(source))
            let tokenizer = Result { try learnt.tokenizer(places.folder, on: text, report) }
            if let error = text.error { throw error }
            return try tokenizer.get()
        }
    }

    /// Parameters to begin with, and what makes them better.
    func objective(_ bundle: ModelBundle, _ data: PackedDocuments) throws -> (Objective, [String: Tensor]) {
        let seed = UInt64(configuration.seed), batch = configuration.batch
        let adapter = try configuration.adapter.map(Adapter.init)
        let needsBase = adapter != nil
        var objective = Objective(
            bundle.settings,
            precision: batch.precision,
            base: needsBase ? bundle.network : nil,
            adapter: adapter
        )
        (objective.dropout, objective.seed, objective.remembers) = (batch.dropout, seed, !batch.recomputes)
        let isNew = if case .new = configuration.model { true } else { false }
        let parameters = isNew || needsBase ? try objective.fresh(seed: seed) : try bundle.floats()
        objective.loss = try loss(objective, parameters)
        return (objective, parameters)
    }

    private func loss(_ objective: Objective, _ parameters: [String: Tensor]) throws -> any Loss {
        switch configuration.objective {
        case .nextToken: return NextToken()
        case .preferences(let beta, let smoothing, let answerWeight):
            let reference = try objective.reference(objective.adapter == nil ? parameters : [:])
            return try Preference(beta: beta, smoothing: smoothing, imitation: answerWeight, reference: reference)
        }
    }
}

extension Adapter {
    init(_ choice: AdapterChoice) throws {
        try self.init(
            choice.kind == .dora ? .dora : .lora,
            rank: choice.rank,
            alpha: choice.alpha,
            scaling: choice.isRankStabilised ? .rankStabilized : .plain,
            targets: choice.targets == ["all-linear"] ? .allLinear : .named(choice.targets),
            dropout: choice.dropout
        )
    }
}

extension ModelBundle {
    /// All weights as float32, quantised ones worked out.
    func floats() throws -> [String: Tensor] {
        var floats: [String: Tensor] = [:]
        let source = merged
        for entry in source.entries {
            guard let tensor = try source.tensor(entry.name, nil) else {
                throw CheckpointError.missingTensor(entry.name)
            }
            floats[entry.name] = Tensor(tensor.scalars, shape: tensor.shape)
        }
        return floats
    }
}
