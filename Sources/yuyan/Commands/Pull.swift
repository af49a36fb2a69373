import ArgumentParser
import Checkpoints
import Foundation

struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a model, verify it and keep it.",
        discussion: """
            MODEL is a name of the catalogue (yuyan list --all), a web address, a file, or
            a place on a hub:

              yuyan pull qwen2.5-coder-0.5b-instruct
              yuyan pull hf:ORGANISATION/REPOSITORY/FILE.gguf
              yuyan pull modelscope:ORGANISATION/REPOSITORY/FILE.gguf
              yuyan pull https://models.example.com/chat.gguf --sha256 1d96…

            A pull that was interrupted goes on where it stopped. HF_ENDPOINT and HF_TOKEN
            are honoured, as are MODELSCOPE_ENDPOINT and MODELSCOPE_API_TOKEN.
            """
    )

    @Argument(help: "What to fetch; the default model if left out.")
    var model = Catalogue.defaultModel

    @Option(help: "The SHA-256 that the file must have, for files that the catalogue does not know.")
    var sha256: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() async throws {
        let bar = ProgressBar(model)
        let stored: StoredModel
        do {
            stored = try await interruptible {
                defer { bar.finish() }
                return try await ModelStore().pull(model, sha256: sha256) { bar.update($0) }
            }
        } catch let error as CancellationError {
            Terminal.complain("interrupted; the same command goes on where it stopped")
            throw error
        }
        Terminal.write(json ? try encoded(ModelReport(stored)) : "\(stored.name) is at \(stored.path)\n")
    }
}
