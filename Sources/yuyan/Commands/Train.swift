import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Training

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a model, or make one better, as a file says.",
        discussion: """
            The file is YAML, and small:

              model: {base: smollm2-135m-instruct}
              data: {train: complaints.jsonl}
              adapter: {type: lora, rank: 16}
              epochs: 3

            Everything left out has a default; yuyan plan FILE shows all of them, what the
            run will take, and changes nothing. Ctrl-C stops after the present batch; the
            same command goes on exactly where it was. The result is in
            YUYAN_HOME/runs/NAME/model.
            """
    )

    @Argument(help: "The file that says what to do.")
    var file: String

    @OptionGroup var place: RunPlace

    @Flag(help: "Print what happens as JSON, a line for each event.")
    var json = false

    func run() async throws {
        try Workers().claim()
        let job = try place.job(file)
        let monitor = RunMonitor(job.name, json: json), stop = StopFlag()
        let interruption = Interruption { stop.set() }
        defer { interruption.end() }
        let ending = try await onThread {
            var run = try job.prepared { try monitor.tell($0, stop) }
            monitor.begin(run)
            let ending = try run.go(isStopped: { stop.isSet }) { try monitor.tell($0, stop) }
            monitor.end(ending, run)
            return ending
        }
        if ending == .stopped { throw CancellationError() }
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a run will take, and everything that holds in it.",
        discussion: "Prepares the text and works two batches out to measure them; the run itself is not begun."
    )

    @Argument(help: "The file that says what to do.")
    var file: String

    @OptionGroup var place: RunPlace

    @Flag(help: "Leave the measurement out: memory by arithmetic only.")
    var quick = false

    @Flag(help: "Print as JSON.")
    var json = false

    func run() async throws {
        try Workers().claim()
        let job = try place.job(file), quick = quick
        let plan = try await onThread { try job.plan(tries: !quick) }
        if json { return Terminal.write(try encoded(plan)) }
        Terminal.write(Figures.table(PlanTable.rows(plan)) + "\n\n" + PlanTable.settings(job.configuration) + "\n")
    }
}

/// Where a run is kept.
struct RunPlace: ParsableArguments {
    @Option(help: "The run's name; that of the file if left out.")
    var name: String?

    func job(_ file: String) throws -> TrainingJob {
        let url = URL(filePath: file)
        let yaml = try YAMLFile(path: file, bytes: YAMLFile.read(file))
        let configuration = try RunConfiguration(yaml.json())
        let name = name ?? configuration.name ?? url.deletingPathExtension().lastPathComponent
        let home = URL(filePath: Home.folder())
        let places = TrainingJob.Places(
            RunFolder(home.appending(path: "runs").appending(path: name)),
            datasets: home.appending(path: "datasets"),
            files: url.deletingLastPathComponent()
        )
        return TrainingJob(name, configuration, in: places) { try ModelBundle.named($0) }
    }
}

extension ModelBundle {
    /// A model of the store, a file or a folder.
    static func named(_ name: String) throws -> ModelBundle {
        let path = try ModelStore().locate(name).path
        return try naming(path) { try open(path) { try ModelStore().locate($0).path } }
    }
}
