import Foundation
import Testing
import yuyan

/// The real executable, told by flags, variables and files.
@Suite struct ConfigurationTests {
    let yuyan: Executable

    init() throws { yuyan = try Executable() }

    private func line(_ key: String, in outcome: Executable.Outcome) -> String? {
        outcome.output.split(separator: "\n").first { $0.contains("\(key):") }?.split(separator: " ").joined(
            separator: " "
        )
    }

    @Test(arguments: [
        (["--port", "1"], ["YUYAN_PORT": "2"], "port: 3", "port: 1 # the command line"),
        ([], ["YUYAN_PORT": "2"], "port: 3", "port: 2 # YUYAN_PORT"),
        ([], ["YUYAN_PORT": ""], "port: 3", "port: 3 # yuyan.yaml:1"),
        ([], [:], "# none", "port: 8080 # default"),
    ])
    func theNearestLayerWins(flags: [String], variables: [String: String], file: String, expected: String) throws {
        try yuyan.write(file, to: "yuyan.yaml")
        let outcome = try yuyan.run(["serve", "--print-config"] + flags, variables)
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(line("port", in: outcome) == expected)
    }

    @Test func theFileIsLookedForInOrder() throws {
        for (port, file) in [(4, "home/yuyan.yaml"), (3, "yuyan.yaml"), (2, "variable.yaml"), (1, "flag.yaml")] {
            let folder = yuyan.folder.appending(path: file).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try yuyan.write("port: \(port)", to: file)
            var variables = ["YUYAN_HOME": yuyan.folder.appending(path: "home").path], flags: [String] = []
            if port <= 2 { variables["YUYAN_CONFIG"] = "variable.yaml" }
            if port == 1 { flags = ["--config", file] }
            let outcome = try yuyan.run(["serve", "--print-config"] + flags, variables)
            #expect(line("port", in: outcome)?.hasPrefix("port: \(port) #") == true, "\(file): \(outcome.output)")
        }
    }

    @Test func whatIsPrintedSaysTheSameWhenRead() throws {
        let settings =
            "model: \"模 型\"\nallow-origin: [\"*\", 'https://a.example']\nhost: \"::\"\nname: \"null\"\ncontext: 77\n"
        try yuyan.write(settings, to: "yuyan.yaml")
        let first = try yuyan.run(["serve", "--print-config"]).output
        try yuyan.write(first, to: "again.yaml")
        let second = try yuyan.run(["serve", "--print-config", "--config", "again.yaml"]).output
        let values = [first, second].map { $0.split(separator: "\n").map { $0.prefix { $0 != "#" } } }
        #expect(values[0] == values[1])
        #expect(first.contains("\"模 型\"") && first.contains("[\"*\", "))
    }

    @Test func keysAreNeverPrinted() throws {
        try yuyan.write("api-key: [hush, hush2]", to: "yuyan.yaml")
        for outcome in [
            try yuyan.run(["serve", "--print-config"]),
            try yuyan.run(["serve", "--print-config", "--api-key", "hush3", "--urgent-key", "hush5"]),
            try yuyan.run(["serve", "--print-config"], ["YUYAN_API_KEY": "hush4,,"]),
        ] {
            #expect(!(outcome.output + outcome.complaints).contains("hush"))
        }
    }

    @Test(
        arguments: [
            (["serve", "--config", "none.yaml"], [:], 65, "none.yaml: cannot be read: No such file or directory"),
            (["chat"], ["YUYAN_CONFIG": "none.yaml"], 65, "none.yaml: cannot be read: No such file or directory"),
            (["serve", "--config", "."], [:], 65, ".: cannot be read: it is not a file of text"),
            (["serve", "--config", "/dev/zero"], [:], 65, "/dev/zero: is larger than 64 KiB"),
            (
                ["serve"], ["YUYAN_PORT": "high"], 65,
                "YUYAN_PORT: port must be a whole number from 0 to 65535, not 'high'"
            ),
            (["serve"], ["YUYAN_LOG_LEVEL": "loud"], 65, "YUYAN_LOG_LEVEL: log-level must be one of"),
            (["run", "m", "x"], ["YUYAN_CACHE_TYPE": "q4_0"], 65, "cache-type must be one of f16, q8_0, not 'q4_0'"),
            (["bench", "m", "--cache-type", "int8"], [:], 64, "must be one of f16, q8_0"),
            (["serve", "--port", "high"], [:], 64, "must be a whole number from 0 to 65535"),
            (["serve", "--max-running", "0"], [:], 64, "must be a whole number from 1 to 65536"),
            (["serve", "--cpus", "3-1"], [:], 64, "must be up to 256 processors, each once, such as 0-3,8"),
            (["serve", "--cpus", "0-256"], [:], 64, "must be up to 256 processors"),
            (["serve"], ["YUYAN_CPUS": "0,0"], 65, "YUYAN_CPUS: cpus must be up to 256 processors, each once"),
            (["train", "run.yaml"], ["YUYAN_CPUS": "all"], 65, "such as 0-3,8, not 'all'"),
        ] as [([String], [String: String], Int32, String)]
    )
    func whatCannotBeMeantEndsTheCommand(
        arguments: [String],
        variables: [String: String],
        status: Int32,
        expected: String
    ) throws {
        let outcome = try yuyan.run(arguments, variables)
        #expect(outcome.status == status)
        #expect(outcome.complaints.contains(expected), "\(outcome.complaints)")
    }

    @Test(arguments: [
        ([], [:], "# none", "# cpus: wherever the system likes # default"),
        ([], [:], "cpus: 3,1-2", "cpus: \"3,1-2\" # yuyan.yaml:1"),
        ([], ["YUYAN_CPUS": "0-3, 8"], "cpus: 1", "cpus: \"0-3,8\" # YUYAN_CPUS"),
        (["--cpus", "0,1"], ["YUYAN_CPUS": "all"], "cpus: 1", "cpus: 0-1 # the command line"),
    ])
    func threadsArePutWhereTheyAreTold(
        flags: [String],
        variables: [String: String],
        file: String,
        expected: String
    ) throws {
        try yuyan.write(file, to: "yuyan.yaml")
        #expect(line("cpus", in: try yuyan.run(["serve", "--print-config"] + flags, variables)) == expected)
    }

    /// Whatever the system: where threads are put nowhere, that is said.
    @Test(arguments: [["serve"], ["embed", "m", "x"], ["train", "run.yaml"]])
    func aProcessorThatIsNotThereEndsTheCommand(command: [String]) throws {
        let outcome = try yuyan.run(command, ["YUYAN_CPUS": "8191"])
        #expect(outcome.status == 65 && outcome.complaints.hasPrefix("yuyan: cpus: "), "\(outcome.complaints)")
        #if os(Linux)
        #expect(outcome.complaints.contains("processor 8191 is not "))
        #endif
    }

    @Test(arguments: [
        ([], [:], "cache-type: f16 # default"),
        ([], ["YUYAN_CACHE_TYPE": "q8_0"], "cache-type: q8_0 # YUYAN_CACHE_TYPE"),
        (["--cache-type", "f16"], ["YUYAN_CACHE_TYPE": "q8_0"], "cache-type: f16 # the command line"),
    ])
    func theCacheHoldsWhatWasAsked(flags: [String], variables: [String: String], expected: String) throws {
        let outcome = try yuyan.run(["serve", "--print-config"] + flags, variables)
        #expect(line("cache-type", in: outcome) == expected)
        for command in ["serve", "chat", "run", "bench"] {
            #expect(try yuyan.run([command, "--help"]).output.contains("--cache-type <"), "\(command)")
        }
    }

    @Test func everySettingIsAFlag() throws {
        let help = try yuyan.run(["serve", "--help"]).output
        let printed = try yuyan.run(["serve", "--print-config"]).output
        let keys = printed.matches(of: /(?m)^(?:# )?([a-z-]+):/).map { String($0.1) }
        #expect(keys.count == Settings.all.count)
        let arguments = ["model", "more-models"]
        for key in keys where !arguments.contains(key) { #expect(help.contains("--\(key) <"), "\(key)") }
    }

    /// The example names every setting, and nothing else.
    @Test func theExampleIsComplete() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../deploy/yuyan.yaml").standardized
        let example = try String(contentsOf: folder, encoding: .utf8)
        try yuyan.write(example.replacing(/(?m)^#(?=[a-z-]+:)/, with: ""), to: "yuyan.yaml")
        let outcome = try yuyan.run(["serve", "--print-config"])
        #expect(outcome.output.matches(of: /# yuyan.yaml:\d/).count == Settings.all.count, "\(outcome)")
    }
}
