import ArgumentParser
import Foundation
import Training

struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs of this machine, or compare some.",
        discussion: "With names, the settings in which these runs differ stand below their results."
    )

    @Argument(help: "Names of runs; all of them if left out.")
    var names: [String] = []

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws {
        let folder = URL(filePath: Home.folder()).appending(path: "runs")
        let all = RunSummary.all(in: folder)
        for name in names where !all.contains(where: { $0.name == name }) {
            throw BadInput("there is no run '\(name)'; yuyan runs lists those there are")
        }
        let runs = names.isEmpty ? all : all.filter { names.contains($0.name) }
        if json { return Terminal.write(try encoded(runs)) }
        guard !runs.isEmpty else { return Terminal.complain("no run was begun yet; yuyan train FILE begins one") }
        Terminal.write(Figures.table(Self.rows(runs)) + "\n")
        guard names.count > 1 else { return }
        let notes = runs.compactMap { RunFolder(folder.appending(path: $0.name)).note }
        Terminal.write("\n" + Figures.table(Self.differences(notes)) + "\n")
    }

    private static func rows(_ runs: [RunSummary]) -> [[String]] {
        func figure(_ value: Double?, _ digits: Int) -> String { value.map { Figures.decimal($0, digits) } ?? "" }
        let rows = runs.map { run in
            [
                run.name, run.status.rawValue, "\(run.step)\(run.steps.map { " of \($0)" } ?? "")", figure(run.loss, 4),
                figure(run.validation, 4), figure(run.tokensPerSecond, 0), run.created?.formatted(.iso8601) ?? "",
            ]
        }
        return [["NAME", "STATUS", "STEP", "LOSS", "VALIDATION", "TOKENS/S", "BEGUN"]] + rows
    }

    /// The settings that are not the same in all.
    private static func differences(_ notes: [RunNote]) -> [[String]] {
        let held = notes.map { Dictionary($0.settings.map { ($0.key, $0.value) }) { "\($0), \($1)" } }
        let keys = Set(held.flatMap(\.keys)).sorted().filter { key in Set(held.map { $0[key] }).count > 1 }
        return [["SETTING"] + notes.map(\.name)] + keys.map { key in [key] + held.map { $0[key] ?? "" } }
    }
}
