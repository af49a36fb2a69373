import ArgumentParser
import Checkpoints

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models and adapters of this machine.",
        aliases: ["ls"]
    )

    @Flag(help: "List what the catalogue has as well.")
    var all = false

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws {
        let store = ModelStore(), stored = try store.list()
        var reports = stored.map { ModelReport($0) } + store.adapters().map { ModelReport(adapter: $0, among: stored) }
        if all {
            let have = Set(stored.map(\.name))
            reports += store.catalogue.entries.filter { !have.contains($0.name) }.map(ModelReport.init)
        }
        if json { return Terminal.write(try encoded(reports)) }
        if reports.isEmpty {
            Terminal.complain("no model is here yet; yuyan list --all shows what can be had, yuyan pull fetches one")
        } else {
            Terminal.write(List.table(reports, all: all) + "\n")
            for report in reports { report.problem.map { Terminal.complain("\(report.name): \($0)") } }
        }
    }

    private static func table(_ reports: [ModelReport], all: Bool) -> String {
        let rows = reports.map { report in
            [
                report.name, Figures.bytes(report.bytes), report.kind ?? "", report.licence ?? "",
                all && !report.isPulled ? "yuyan pull \(report.name)" : "here",
            ]
        }
        return Figures.table(
            [["NAME", "SIZE", "KIND", "LICENCE", all ? "WHERE" : ""]] + rows.map { all ? $0 : Array($0.dropLast()) }
        )
    }
}
