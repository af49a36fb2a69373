import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import Server
import ServiceLifecycle
import Testing
import Text

/// Jobs in their order, stopped, resumed, and carried over the end of a process.
@Suite struct JobQueueTests {
    let home: Home, tuner: FakeTuner

    init() throws {
        home = try Home()
        tuner = home.tuner
    }

    @Test func jobsRunOneAtATimeInTheirOrder() async throws {
        try await housed(home, tuner: tuner) { client in
            tuner.pace.allow(1)
            let file = try await client.uploaded()
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await client.job(file)["id"]?.string ?? "") }
            _ = try await client.settled(ids[0], at: "running")
            for id in ids[1...] { _ = try await client.settled(id, at: "queued") }
            #expect(tuner.pace.begun == [ids[0]])
            tuner.pace.allow(.max)
            for id in ids { _ = try await client.settled(id) }
            #expect(tuner.pace.begun == ids)
        }
    }

    @Test func aPausedJobGoesOnWhereItWas() async throws {
        try await housed(home, tuner: tuner) { client in
            tuner.pace.allow(2)
            let id = try await client.job(try await client.uploaded())["id"]?.string ?? ""
            #expect(await eventually { tuner.pace.computed == [1, 2] })
            let path = "\(JobTests.path)/\(id)"
            #expect(try await client.post("\(path)/pause", "").json["status"] == "paused")
            #expect(await eventually { tuner.pace.stops == 1 })
            #expect(try await client.settled(id, at: "paused")["estimated_finish"] == .null)
            tuner.pace.allow(.max)
            #expect(try await client.post("\(path)/resume", "").json["status"] == "queued")
            _ = try await client.settled(id)
            #expect(tuner.pace.computed == [1, 2, 3, 4])
        }
    }

    @Test func aCancelledJobStopsAndTheNextOneRuns() async throws {
        try await housed(home, tuner: tuner) { client in
            tuner.pace.allow(1)
            let file = try await client.uploaded()
            let first = try await client.job(file)["id"]?.string ?? ""
            let second = try await client.job(file)["id"]?.string ?? ""
            #expect(await eventually { tuner.pace.computed == [1] })
            let refused = try await client.delete("/v1/files/\(file)")
            #expect(refused.status == .conflict)
            #expect(try refused.fault == ["file_id", "file_in_use"])
            let cancelled = try await client.post("\(JobTests.path)/\(first)/cancel", "").json
            #expect(cancelled["status"] == "cancelled")
            #expect(cancelled["finished_at"] == 1_700_000_000)
            tuner.pace.allow(.max)
            _ = try await client.settled(second)
            #expect(try await client.settled(first, at: "cancelled")["fine_tuned_model"] == .null)
            #expect(try await client.delete("/v1/files/\(file)").status == .ok)
        }
    }

    @Test func estimatesCountFromNow() async throws {
        try await housed(home, tuner: tuner) { client in
            tuner.pace.allow(1)
            let id = try await client.job(try await client.uploaded())["id"]?.string ?? ""
            #expect(await eventually { tuner.pace.computed == [1] })
            let deadline = ContinuousClock.now + .seconds(60)
            var finish: JSON?
            while finish == nil || finish == .null, ContinuousClock.now < deadline {
                finish = try await client.get("\(JobTests.path)/\(id)").json["estimated_finish"]
                tuner.pace.allow(2)
            }
            #expect([1_700_000_003, 1_700_000_002].contains(finish))
        }
    }

    /// The files as they are while the third step is awaited are what `kill -9` leaves.
    @Test func aKilledRunGoesOnInTheNextProcess() async throws {
        let uninterrupted = try await housed(try Home()) { client in
            let id = try await client.done()
            return try await Self.curve(client, id)
        }
        try await housed(home, tuner: tuner) { client in
            tuner.pace.allow(3)
            let id = try await client.job(try await client.uploaded())["id"]?.string ?? ""
            #expect(await eventually { tuner.pace.computed == [1, 2, 3] })
            let survivor = try Home(copyOf: home), next = survivor.tuner
            try await housed(survivor, tuner: next) { other in
                let job = try await other.settled(id)
                #expect(next.pace.computed == [3, 4])
                #expect(job["trained_tokens"] == 400)
                #expect(try await Self.curve(other, id) == uninterrupted)
                #expect(try await other.get("/v1/models").ids == ["fake", job["fine_tuned_model"]?.string])
            }
        }
    }

    private static func curve(_ client: any TestClientProtocol, _ id: String) async throws -> [JSON?] {
        let events = try await client.get("\(JobTests.path)/\(id)/events?limit=1000&order=asc").json["data"]?.array
        return (events ?? []).filter { $0["type"] == "metrics" }.map { $0["data"] }
    }

    @Test func queuedAndPausedJobsAreKept() async throws {
        try await housed(home, tuner: tuner) { client in
            tuner.pace.allow(0)
            let file = try await client.uploaded()
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await client.job(file)["id"]?.string ?? "") }
            for id in ids[1...] { _ = try await client.settled(id, at: "queued") }
            _ = try await client.post("\(JobTests.path)/\(ids[1])/pause", "")
            let survivor = try Home(copyOf: home)
            try await housed(survivor) { [ids] other in
                for id in [ids[0], ids[2]] { _ = try await other.settled(id) }
                _ = try await other.settled(ids[1], at: "paused")
            }
        }
    }

    @Test func filesThatAreWrongFailTheJob() async throws {
        var tuner = tuner
        tuner.invalid = FineTuningFailure(code: "invalid_training_file", message: "Line 3.", param: "training_file")
        try await housed(home, tuner: tuner) { client in
            let id = try await client.job(try await client.uploaded())["id"]?.string ?? ""
            let job = try await client.settled(id, at: "failed")
            let error: JSON = ["code": "invalid_training_file", "message": "Line 3.", "param": "training_file"]
            #expect(job["error"] == error)
            #expect(job["finished_at"] == 1_700_000_000)
            let event = try await client.get("\(JobTests.path)/\(id)/events?limit=1").json["data"]?[0]
            #expect(event?["level"] == "error")
        }
    }

    @Test func aRunThatFailsFailsTheJobAndTheNextOneRuns() async throws {
        var tuner = tuner
        tuner.failure = FineTuningFailure(code: "diverged", message: "The loss is no number.")
        try await housed(home, tuner: tuner) { client in
            let file = try await client.uploaded()
            for _ in 0..<2 {
                let id = try await client.job(file)["id"]?.string ?? ""
                #expect(try await client.settled(id, at: "failed")["error"]?["code"] == "diverged")
            }
            #expect(try await client.get("/v1/models").ids == ["fake"])
        }
    }

    @Test func theEndOfTheServerStopsTheRunButNotTheJob() async throws {
        tuner.pace.allow(1)
        var options = ServerOptions()
        (options.port, options.trapsSignals) = (0, false)
        let server = try housedServer(home, tuner: tuner, options)
        let id = try await server.application.test(.router) { client in
            try await client.job(try await client.uploaded())["id"]?.string ?? ""
        }
        try await running(server) { _, _ in
            #expect(await eventually { tuner.pace.computed == [1] })
        }
        #expect(tuner.pace.stops == 1)
        try await server.application.test(.router) { client in
            let job = try await client.get("\(JobTests.path)/\(id)").json
            #expect(job["status"] == "running")
        }
    }
}
