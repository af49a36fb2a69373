import ArgumentParser
import Checkpoints

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Delete models from the store.",
        discussion: "Only files in YUYAN_HOME/models are ever deleted."
    )

    @Argument(help: "Names as yuyan list shows them.")
    var models: [String]

    func run() throws {
        for model in models {
            try ModelStore().remove(model)
            Terminal.complain("\(model) is gone")
        }
    }
}
