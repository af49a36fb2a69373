import Foundation
import Inference
import Synchronization
import Text

/// A conversation in a terminal: what was said, and how the next answer comes about.
struct Dialogue {
    let served: ServedModel, template: ChatTemplate, engine: Engine, sampling: SamplingOptions
    /// Stops the answer that is being given.
    let stop = StopButton()
    private var messages: [Message]
    private var system: String?

    init(served: ServedModel, template: ChatTemplate, engine: Engine, sampling: SamplingOptions, system: String?) {
        (self.served, self.template, self.engine, self.sampling) = (served, template, engine, sampling)
        (self.system, messages) = (system, [])
    }

    /// Sends a message and shows the answer as it comes; Ctrl-C stops it, and what was said so far counts.
    mutating func ask(_ text: String) async throws {
        messages.append(.user(.text(text)))
        do {
            let answer = try await answer()
            messages.append(.assistant(.text(answer)))
        } catch let error as EngineError {
            // The conversation goes on without the message that could not be answered.
            messages.removeLast()
            Terminal.complain("\(error)\nThe last message was taken back; /clear starts anew.")
        }
    }

    /// Carries out a line that begins with a slash; false means to leave.
    mutating func obey(_ line: String) async throws -> Bool {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch words[0] {
        case "/exit", "/quit", "/bye": return false
        case "/clear": messages = []
        case "/system":
            (system, messages) = (words.count > 1 ? words[1] : nil, [])
            Terminal.complain(
                system == nil ? "no system prompt; the conversation starts anew" : "the conversation starts anew"
            )
        case "/again": try await again()
        case "/help": Terminal.complain(Self.help)
        default: Terminal.complain("\(words[0]) is not a command; /help lists them")
        }
        return true
    }

    private static let help = """
        /again          answer the last message once more
        /clear          forget the conversation
        /system TEXT    set how the model should behave, and start anew
        /exit, /quit    leave (Ctrl-D does too)
        //TEXT          say something that begins with a slash
        """

    private mutating func again() async throws {
        while let last = messages.last, last.role != .user { messages.removeLast() }
        guard case .text(let text)? = messages.popLast()?.content else {
            return Terminal.complain("there is nothing to answer yet")
        }
        try await ask(text)
    }

    private func answer() async throws -> String {
        let all = (system.map { [Message.system(.text($0))] } ?? []) + messages
        let prompt = served.tokenizer.encode(try template.render(all), addSpecial: false)
        let generation = try engine.generate(served.addressed(sampling.request(prompt, served)))
        let mode = TerminalMode.quiet()
        stop.set { generation.cancel() }
        defer {
            stop.set(nil)
            mode?.end()
        }
        var text = "", reason = FinishReason.endOfText
        for try await event in generation {
            switch event {
            case .delta(let part, _):
                Terminal.relay(part)
                text += part
            case .finished(let why, _): reason = why
            case .promptScores: break
            }
        }
        Terminal.write(text.hasSuffix("\n") ? "\n" : "\n\n")
        if reason == .cancelled { Terminal.complain("(stopped)") }
        if reason == .length { Terminal.complain("(cut: the limit of tokens was reached)") }
        return text
    }
}
