import Foundation
import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Text

@Suite struct JobTests {
    let home: Home
    static let path = "/v1/fine_tuning/jobs"

    init() throws { home = try Home() }

    @Test func aJobComesToItsEndAndItsModelAnswers() async throws {
        try await housed(home) { client in
            let file = try await client.uploaded()
            let created = try await client.job(file, #""suffix": "hotline", "seed": 7, "metadata": {"team": "a"}"#)
            let id = try #require(created["id"]?.string), model = "ft:fake:yuyan:hotline:\(id.suffix(8))"
            #expect(created["status"] == "validating_files")
            #expect(created["fine_tuned_model"] == .null)
            let job = try await client.settled(id)
            let expected: JSON = [
                "id": .string(id), "object": "fine_tuning.job", "created_at": 1_700_000_000,
                "finished_at": 1_700_000_000, "estimated_finish": nil, "model": "fake",
                "fine_tuned_model": .string(model), "organization_id": "org-yuyan", "status": "succeeded",
                "training_file": .string(file), "validation_file": nil, "trained_tokens": 400, "seed": 7,
                "user_provided_suffix": "hotline", "result_files": job["result_files"] ?? nil, "integrations": [],
                "error": nil,
                "hyperparameters": ["n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"],
                "method": [
                    "type": "supervised",
                    "supervised": [
                        "hyperparameters": ["n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"]
                    ],
                ],
                "metadata": ["team": "a"],
            ]
            #expect(job == expected)
            let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"\(model)\"")
            let answer = try await client.post(ChatTests.path, chat)
            #expect(answer.text.contains("I am tuned"))
        }
    }

    @Test func eventsCheckpointsAndTheTableTellTheSameSteps() async throws {
        try await housed(home) { client in
            let id = try await client.done()
            let events = try await client.get("\(Self.path)/\(id)/events?limit=100")
            let metrics = try #require(try events.json["data"]?.array).filter { $0["type"] == "metrics" }
            let steps: [JSON] = [4, 3, 2, 1]
            #expect(metrics.map { $0["data"]?["step"] } == steps)
            #expect(metrics.first?["data"] == ["step": 4, "total_steps": 4, "train_loss": 0.25, "valid_loss": 0.5])
            #expect(metrics.first?["message"] == "Step 4/4: training loss=0.25, validation loss=0.5")
            #expect(metrics.first?["object"] == "fine_tuning.job.event")
            let checkpoints = try await client.get("\(Self.path)/\(id)/checkpoints").json["data"]?.array ?? []
            #expect(checkpoints.map { $0["step_number"] } == [4, 2])
            #expect(checkpoints.first?["fine_tuned_model_checkpoint"]?.string?.hasSuffix(":ckpt-step-4") == true)
            #expect(checkpoints.first?["metrics"]?["valid_loss"] == 0.5)
            let result = try #require(try await client.get("\(Self.path)/\(id)").json["result_files"]?[0]?.string)
            #expect(try await client.get("/v1/files/\(result)").json["purpose"] == "fine-tune-results")
            let header = "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy"
            let table = try await client.get("/v1/files/\(result)/content").text
            #expect(table == "\(header)\n1,1.0,,,\n2,0.5,,,\n3,0.3333333333333333,,,\n4,0.25,,0.5,\n")
        }
    }

    @Test func eventsHavePages() async throws {
        try await housed(home) { client in
            let path = "\(Self.path)/\(try await client.done())/events"
            let all = try await client.get("\(path)?limit=1000").ids
            try #require(all.count > 3)
            let first = try await client.get("\(path)?limit=3")
            #expect(try first.json["has_more"] == true)
            let rest = try await client.get("\(path)?limit=1000&after=\(all[2])")
            #expect(try first.ids + rest.ids == all)
        }
    }

    @Test func jobsAreListedByTheirMetadata() async throws {
        try await housed(home) { client in
            let file = try await client.uploaded()
            var ids: [String] = []
            for metadata in [#"{"team": "a b", "year": "1"}"#, #"{"team": "a b"}"#, "null"] {
                ids.append(try await client.job(file, #""metadata": \#(metadata)"#)["id"]?.string ?? "")
            }
            let wanted = [
                "": Array(ids.reversed()), "?metadata%5Bteam%5D=a%20b": [ids[1], ids[0]],
                "?metadata[team]=a+b&metadata[year]=1": [ids[0]], "?metadata=null": [ids[2]],
                "?limit=1&after=\(ids[2])": [ids[1]],
            ]
            for (query, expected) in wanted { #expect(try await client.get(Self.path + query).ids == expected) }
        }
    }

    @Test func theMetricsCountJobs() async throws {
        try await housed(home) { client in
            _ = try await client.done()
            let text = try await client.get("/metrics").text
            #expect(text.contains("yuyan_fine_tuning_jobs{status=\"succeeded\"} 1\n"))
            #expect(text.contains("yuyan_fine_tuning_jobs{status=\"running\"} 0\n"))
        }
    }

    @Test func settingsOfOursAreHandedOnAndShown() async throws {
        try await housed(home) { client in
            let file = try await client.uploaded()
            for settings in [#"{"z": 1, "a": {"rank": 8}}"#, #""lora:\n  rank: 8\n""#] {
                let job = try await client.job(file, #""yuyan": \#(settings)"#)
                #expect(try job["yuyan"]?.text() == JSON(parsing: settings).text())
            }
        }
    }

    @Test func theOldPlaceOfHyperparametersIsRead() async throws {
        try await housed(home) { client in
            let old = #""hyperparameters": {"n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 0.5}"#
            let job = try await client.job(try await client.uploaded(), old)
            #expect(job["hyperparameters"] == ["n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 0.5])
        }
    }

    @Test func preferencesHaveTheirBeta() async throws {
        try await housed(home) { client in
            let method = #""method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": "auto"}}}"#
            let job = try await client.job(try await client.uploaded(), method)
            #expect(job["method"]?["type"] == "dpo")
            #expect(job["method"]?["dpo"]?["hyperparameters"]?["beta"] == 0.2)
        }
    }
}

extension TestClientProtocol {
    /// Makes a job, with these fields beside the usual ones.
    func job(_ file: String, _ fields: String = #""seed": 1"#) async throws -> JSON {
        let body = #"{"model": "fake", "training_file": "\#(file)", \#(fields)}"#
        let response = try await post(JobTests.path, body)
        #expect(response.status == .ok, "\(response.text)")
        return try response.json
    }

    /// The job once it stands there; the last seen if it never does.
    func settled(_ id: String, at status: String = "succeeded") async throws -> JSON {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let job = try await get("\(JobTests.path)/\(id)").json
            if job["status"]?.string == status { return job }
            guard ContinuousClock.now < deadline else {
                Issue.record("the job is \(job["status"]?.string ?? "nowhere"), not \(status)")
                return job
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// A job that has succeeded.
    func done() async throws -> String {
        let id = try #require(try await job(try await uploaded())["id"]?.string)
        _ = try await settled(id)
        return id
    }
}
