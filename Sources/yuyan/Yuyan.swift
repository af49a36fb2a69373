import ArgumentParser
import Foundation
import Server

/// The command: `yuyan serve`, `yuyan chat` and the rest.
@main
struct Yuyan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yuyan",
        abstract: "Makes, serves and talks with large models, on this machine.",
        discussion: """
            The first minute:

              yuyan pull smollm2-135m-instruct    fetch a small model and verify it
              yuyan chat smollm2-135m-instruct    talk with it here
              yuyan serve                         a chat page and an API, on port 8080

            Models live in YUYAN_HOME (~/.yuyan by default). Nothing is fetched unless you
            say pull.
            """,
        version: YuyanServer.version,
        groupedSubcommands: [
            CommandGroup(name: "Talk", subcommands: [Serve.self, Chat.self, Run.self]),
            CommandGroup(name: "Search", subcommands: [EmbedCommand.self, RerankCommand.self]),
            CommandGroup(
                name: "Models",
                subcommands: [Pull.self, List.self, Show.self, Convert.self, Quantize.self, Remove.self]
            ),
            CommandGroup(name: "Make", subcommands: [Train.self, PlanCommand.self, Runs.self, TokenizerCommand.self]),
            CommandGroup(name: "Measure", subcommands: [Bench.self, PerplexityCommand.self]),
        ]
    )

    static func main() async {
        signal(SIGPIPE, SIG_IGN)  // a reader that has gone is an error of a write, which says what to do
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(error)
        }
    }

    /// Says what went wrong on standard error and ends with the code that DESIGN § 4 gives it.
    private static func leave(_ error: any Error) -> Never {
        guard let status = ExitStatus(error) else { exit(withError: error) }
        if let message = status.message { Terminal.complain("yuyan: \(message)") }
        exit(withError: ExitCode(status.code))
    }
}
