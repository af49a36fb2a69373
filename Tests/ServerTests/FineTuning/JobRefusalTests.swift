import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Text

@Suite struct JobRefusalTests {
    /// Fields that replace or join the usual ones, and the field that the refusal names.
    static let cases: [String: String] = [
        #""model": 3"#: "model", #""model": "other""#: "model", #""training_file": "file-0""#: "training_file",
        #""training_file": null"#: "training_file", #""validation_file": "file-0""#: "validation_file",
        #""seed": -1"#: "seed", #""seed": 2147483648"#: "seed", #""suffix": """#: "suffix",
        #""suffix": "a:b""#: "suffix",
        #""suffix": "a/b""#: "suffix", #""integrations": [{"type": "wandb"}]"#: "integrations",
        #""method": {"type": "reinforcement"}"#: "method.type", #""method": {"type": "magic"}"#: "method.type",
        #""method": {"type": "dpo", "supervised": {}}"#: "method.supervised", #""method": "dpo""#: "method.type",
        #""method": {"type": "dpo"}, "hyperparameters": {}"#: "hyperparameters",
        #""hyperparameters": {"n_epochs": 0}"#: "hyperparameters.n_epochs",
        #""hyperparameters": {"n_epochs": "all"}"#: "hyperparameters.n_epochs",
        #""hyperparameters": {"batch_size": 1.5}"#: "hyperparameters.batch_size",
        #""hyperparameters": {"learning_rate_multiplier": 0}"#: "hyperparameters.learning_rate_multiplier",
        #""hyperparameters": {"epochs": 3}"#: "hyperparameters.epochs",
        #""method": {"type": "supervised", "supervised": {"hyperparameters": {"beta": 1}}}"#:
            "method.supervised.hyperparameters.beta",
        #""method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": -1}}}"#: "method.dpo.hyperparameters.beta",
        #""metadata": {"a": 1}"#: "metadata.a", #""metadata": []"#: "metadata", #""yuyan": 3"#: "yuyan",
    ]

    @Test(arguments: cases.keys.sorted())
    func whatIsWrongIsNamedAndNoJobIsMade(fields: String) async throws {
        try await housed(try Home()) { client in
            var body = try JSON(parsing: "{\(fields)}").object ?? [:]
            if body["model"] == nil { body["model"] = "fake" }
            if body["training_file"] == nil { body["training_file"] = .string(try await client.uploaded()) }
            let response = try await client.post(JobTests.path, JSON.object(body).text())
            #expect(response.status == (fields.contains("other") ? .notFound : .badRequest), "\(response.text)")
            #expect(try response.json["error"]?["param"]?.string == Self.cases[fields])
            #expect(try await client.get(JobTests.path).ids.isEmpty)
        }
    }

    @Test func metadataHasLimits() async throws {
        try await housed(try Home()) { client in
            let file = try await client.uploaded(), long = String(repeating: "x", count: 513)
            let many = (0..<17).map { "\"k\($0)\": \"v\"" }.joined(separator: ",")
            for metadata in [many, "\"k\": \"\(long)\"", "\"\(long)\": \"v\""] {
                let body = #"{"model": "fake", "training_file": "\#(file)", "metadata": {\#(metadata)}}"#
                #expect(try await client.post(JobTests.path, body).status == .badRequest)
            }
        }
    }

    @Test func aFileOfAnotherPurposeIsRefused() async throws {
        try await housed(try Home()) { client in
            let body = #"{"model": "fake", "training_file": "\#(try await client.uploaded(purpose: "batch"))"}"#
            let response = try await client.post(JobTests.path, body)
            #expect(try response.fault == ["training_file", "invalid_value"])
            #expect(response.text.contains("purpose 'fine-tune'"))
        }
    }

    @Test func whatTheTrainerRefusesIsToldToTheClient() async throws {
        let home = try Home()
        var tuner = home.tuner
        tuner.refusal = FineTuningFailure(code: "too_big", message: "It does not fit.", param: "yuyan.rank")
        try await housed(home, tuner: tuner) { client in
            let body = #"{"model": "fake", "training_file": "\#(try await client.uploaded())"}"#
            let response = try await client.post(JobTests.path, body)
            #expect(response.status == .badRequest)
            #expect(try response.fault == ["yuyan.rank", "too_big"])
        }
    }

    @Test func aFullQueueIsTold() async throws {
        let home = try Home(), tuner = home.tuner
        tuner.pace.allow(0)
        try await housed(home, tuner: tuner, { $0.maximumJobs = 2 }) { client in
            let file = try await client.uploaded()
            for _ in 0..<2 { _ = try await client.job(file) }
            let response = try await client.post(JobTests.path, #"{"model": "fake", "training_file": "\#(file)"}"#)
            #expect(response.status == .tooManyRequests)
            #expect(try response.fault == [nil, "too_many_jobs"])
        }
    }

    @Test(arguments: ["", "/events", "/checkpoints"])
    func anUnknownJobIsNotFound(part: String) async throws {
        try await housed(try Home()) { client in
            let response = try await client.get("\(JobTests.path)/ftjob-0\(part)")
            #expect(response.status == .notFound)
            #expect(try response.fault == ["fine_tuning_job_id", "fine_tuning_job_not_found"])
        }
    }

    @Test(arguments: ["cancel", "pause", "resume"])
    func aJobThatHasEndedDoesNotMove(verb: String) async throws {
        try await housed(try Home()) { client in
            let id = try await client.done()
            let response = try await client.post("\(JobTests.path)/\(id)/\(verb)", "")
            #expect(response.status == .badRequest)
            #expect(try response.fault == ["fine_tuning_job_id", "invalid_status"])
            #expect(try await client.post("\(JobTests.path)/ftjob-0/\(verb)", "").status == .notFound)
        }
    }

    @Test func aFieldThatNobodyKnowsIsNamed() async throws {
        try await housed(try Home()) { client in
            let body = #"{"model": "fake", "training_file": "\#(try await client.uploaded())", "colour": "red"}"#
            let response = try await client.post(JobTests.path, body)
            #expect(response.headers[HTTPField.Name("x-ignored-fields")!] == "colour")
        }
    }
}
