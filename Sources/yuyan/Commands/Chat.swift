import ArgumentParser
import Foundation
import Inference
import Text

struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk with a model in this terminal.",
        discussion: """
            Enter sends; a backslash before Enter, Alt-Enter or a paste makes several
            lines. Ctrl-C stops the answer, Ctrl-D leaves. Up and down go through what you
            wrote before. /help lists the commands.
            """
    )

    @Argument(
        help: """
            A name of the store, a file or a folder; MODEL:ADAPTER for one with an adapter; the default model if left out.
            """
    )
    var model: String?

    @Option(help: "How the model should behave.")
    var system: String?

    @OptionGroup(title: "Sampling")
    var sampling: SamplingOptions

    @OptionGroup(title: "Machine")
    var options: ModelOptions

    func run() async throws {
        var layers = try options.layers()
        let model = try layers.read(.model, flag: model), machine = try Machine(options, &layers)
        let served = try machine.open(named: model)
        guard let template = served.template else {
            throw BadInput("\(served.name) is a base model, it knows no conversation: use yuyan run --raw")
        }
        if Terminal.inputIsTerminal { Terminal.complain("\(served.name) · /help for commands, Ctrl-D to leave") }
        let engine = Engine(served, options: machine.engine)
        var dialogue = Dialogue(served: served, template: template, engine: engine, sampling: sampling, system: system)
        try await converse(&dialogue)
        await engine.shutdown(grace: .zero)
    }

    private func converse(_ dialogue: inout Dialogue) async throws {
        var editor = LineEditor(prompt: "› ", historyFile: Home.folder() + "/history.json")
        // One that comes just after the end of an answer must not end the conversation; a script's may.
        let stop = dialogue.stop
        let interruption = Interruption {
            if !stop.press(), !Terminal.inputIsTerminal { _exit(ExitStatus.interrupted) }
        }
        defer { interruption.end() }
        while true {
            switch editor.read() {
            case .ended: return
            case .interrupted: continue
            case .text(let text):
                let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
                if line.isEmpty { continue }
                guard line.hasPrefix("/"), !line.hasPrefix("//") else {
                    try await dialogue.ask(line.hasPrefix("//") ? String(line.dropFirst()) : text)
                    continue
                }
                guard try await dialogue.obey(line) else { return }
            }
        }
    }
}
