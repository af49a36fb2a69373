import ArgumentParser
import Foundation
import Inference
import Text

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer one prompt on standard output.",
        discussion: """
            What comes on standard input follows the prompt, so that a program's output can
            be asked about:

              yuyan run smollm2-135m-instruct "Name three birds."
              git diff | yuyan run qwen2.5-coder-0.5b-instruct "Write a commit message:"
            """
    )

    @Argument(help: "A name of the store, a file or a folder; MODEL:ADAPTER for one with an adapter.")
    var model: String

    @Argument(help: "What to ask; standard input if left out.")
    var prompt: String?

    @Option(help: "How the model should behave.")
    var system: String?

    @Flag(help: "Continue the prompt as it is, without the model's chat template.")
    var raw = false

    @Option(
        help: ArgumentHelp(
            "Go on with the conversation of that name, and keep it in YUYAN_HOME/sessions, with what the model has read.",
            valueName: "name"
        )
    )
    var session: String?

    func validate() throws {
        guard raw, session != nil else { return }
        throw ValidationError("--session keeps a conversation, and --raw is none: leave one out")
    }

    @Flag(help: "Print the answer with its token counts and times as JSON.")
    var json = false

    @OptionGroup(title: "Sampling")
    var sampling: SamplingOptions

    @OptionGroup(title: "Machine")
    var options: ModelOptions

    func run() async throws {
        let text = try question()
        let machine = try options.machine(), served = try machine.open(named: model)
        let engine = Engine(served, options: machine.engine)
        do { try await answer(text, served, engine) } catch let error as EngineError {
            guard case .badLogits = error else { throw error }
            throw BadInput("\(model): \(error)")
        }
        await engine.shutdown()
    }

    private func answer(_ text: String, _ served: ServedModel, _ engine: Engine) async throws {
        if let session {
            var dialogue = try KeptDialogue(session, served, engine, system: system)
            let request = served.addressed(sampling.request(try await dialogue.prompt(text), served))
            try await interruptible { [dialogue] in try await dialogue.keep(answer(request, engine), to: request) }
        } else {
            let request = served.addressed(sampling.request(try tokens(of: text, served), served))
            _ = try await interruptible { try await answer(request, engine) }
        }
    }

    private func question() throws -> String {
        let piped = Terminal.inputIsTerminal ? nil : Terminal.input()
        let text = [prompt, piped].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n\n")
        guard !text.isEmpty else { throw BadUsage("there is no prompt: yuyan run \(model) \"Hello\", or pipe it in") }
        return text
    }

    private func tokens(of text: String, _ served: ServedModel) throws -> [Int] {
        guard !raw, let template = served.template else {
            guard raw || system == nil else {
                throw BadInput("\(served.name) is a base model without a chat template: leave --system out")
            }
            if !raw, Terminal.errorIsTerminal {
                Terminal.complain("\(served.name) is a base model: it goes on with the text, as with --raw")
            }
            return served.tokenizer.encode(text)
        }
        let messages = (system.map { [Message.system(.text($0))] } ?? []) + [.user(.text(text))]
        return served.tokenizer.encode(try template.render(messages), addSpecial: false)
    }

    private func answer(_ request: GenerationRequest, _ engine: Engine) async throws -> Said {
        let generation = try engine.generate(request)
        guard !json else {
            let answer = try await generation.collect()
            Terminal.write(try encoded(AnswerReport(answer)))
            return Said(text: answer.text, tokens: answer.tokens.map(\.id))
        }
        var said = Said(), endsLine = true
        for try await case .delta(let text, let tokens) in generation {
            said.text += text
            said.tokens += tokens.map(\.id)
            guard !text.isEmpty else { continue }
            Terminal.relay(text)
            endsLine = text.hasSuffix("\n")
        }
        if !endsLine { Terminal.write("\n") }
        return said
    }
}

/// What a model said, and its tokens.
struct Said: Sendable {
    var text = "", tokens: [Int] = []
}

/// An answer, as `--json` prints it.
struct AnswerReport: Encodable {
    let text, finishReason: String, promptTokens, cachedTokens, completionTokens: Int
    let promptMilliseconds, generationMilliseconds: Double

    init(_ answer: Generation.Answer) {
        let usage = answer.usage
        text = answer.text
        finishReason = answer.reason == .length ? "length" : "stop"
        (promptTokens, completionTokens) = (usage.promptTokens, usage.completionTokens)
        cachedTokens = usage.cachedTokens
        (promptMilliseconds, generationMilliseconds) = (usage.prefill.milliseconds, usage.decoding.milliseconds)
    }
}

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
}
