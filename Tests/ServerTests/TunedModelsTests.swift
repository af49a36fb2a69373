import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Store
import Synchronization
import Testing
import Text

@Suite struct TunedModelsTests {
    let home: Home

    init() throws { home = try Home() }

    /// Opens tuned models, and counts how often.
    final class Opener: Sendable {
        let opened = Mutex<[String]>([])
        let fails = Mutex(false)

        struct Broken: Error {}

        func open(_ tuned: TunedModel) throws -> any GenerativeModel {
            opened.withLock { $0.append(tuned.name) }
            if fails.withLock(\.self) { throw Broken() }
            var model = FakeModel()
            model.card.name = tuned.name
            return model
        }
    }

    private func tuned(_ names: [String], limit: Int = 2) async throws -> (TunedModels, Opener) {
        let storage = try home.storage(), opener = Opener()
        try storage.database.write { transaction in
            for name in names {
                let url = home.folder.appending(path: name)
                let model = TunedModel(name: name, parent: "fake", root: "fake", job: "", url: url, created: 0)
                try TunedRecords.add(model, transaction)
            }
        }
        try storage.tuned.refresh()
        let models = TunedModels(over: OneModel(FakeModel()), in: storage, on: Shelf(budget: limit)) { tuned in
            Shelf.Item(name: tuned.name, bytes: 1) { try opener.open(tuned) }
        }
        return (models, opener)
    }

    @Test func theIdleOneUsedLongestAgoIsLetGo() async throws {
        let (models, opener) = try await tuned(["a", "b", "c"])
        for name in ["a", "b", "a", "c", "a", "b"] { #expect(try await models.model(named: name)?.card.name == name) }
        #expect(opener.opened.withLock(\.self) == ["a", "b", "c", "b"])
        #expect(models.open.map(\.card.name) == ["fake", "a", "b"])
    }

    @Test func oneThatAnswersIsNotLetGo() async throws {
        let (models, _) = try await tuned(["a", "b"], limit: 1)
        let busy = try #require(try await models.model(named: "a"))
        let events = try busy.generate(GenerationRequest(prompt: [1]))
        let error = await #expect(throws: APIError.self) { try await models.model(named: "b") }
        #expect(error?.code == "no_room_for_model" && error?.status == .serviceUnavailable)
        #expect(models.open.map(\.card.name) == ["fake", "a"])
        withExtendedLifetime(events) {}
    }

    @Test func itIsOpenedOnceHoweverManyAsk() async throws {
        let (models, opener) = try await tuned(["a"])
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try? await models.model(named: "a")?.card.name } }
            for await name in group { #expect(name == "a") }
        }
        #expect(opener.opened.withLock(\.self) == ["a"])
    }

    @Test func oneThatDidNotOpenIsTriedAgain() async throws {
        let (models, opener) = try await tuned(["a"])
        opener.fails.withLock { $0 = true }
        let error = await #expect(throws: CannotOpen.self) { try await models.model(named: "a") }
        #expect(error?.name == "a" && error?.cause is Opener.Broken)
        opener.fails.withLock { $0 = false }
        #expect(try await models.model(named: "a") != nil)
    }

    @Test func modelsAreListedWithTheirOriginAndDeleted() async throws {
        try await housed(home) { client in
            let id = try await client.done(), name = "ft:fake:yuyan::\(id.suffix(8))"
            let model: JSON = [
                "id": .string(name), "object": "model", "created": 1_700_000_000, "owned_by": "organization",
                "root": "fake", "parent": "fake", "context_length": 128, "max_model_len": 128,
                "has_chat_template": true,
            ]
            #expect(try await client.get("/v1/models/\(name)").json == model)
            #expect(try await client.get("/v1/models").json["data"]?[1] == model)
            #expect(try await client.get("/api/tags").json["models"]?[1]?["name"] == .string(name))
            let deleted: JSON = ["id": .string(name), "object": "model", "deleted": true]
            #expect(try await client.delete("/v1/models/\(name)").json == deleted)
            #expect(try await client.get("/v1/models").ids == ["fake"])
            #expect(try await client.delete("/v1/models/\(name)").status == .notFound)
        }
    }

    @Test func aCheckpointAnswersByItsName() async throws {
        try await housed(home) { client in
            let path = "\(JobTests.path)/\(try await client.done())/checkpoints?limit=1"
            let name = try await client.get(path).json["data"]?[0]?["fine_tuned_model_checkpoint"]?.string ?? ""
            let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"\(name)\"")
            #expect(try await client.post(ChatTests.path, chat).text.contains("I am tuned"))
            #expect(try await client.delete("/v1/models/\(name)").status == .ok)
            #expect(try await client.post(ChatTests.path, chat).status == .notFound)
        }
    }

    @Test func aCheckpointThatMadeRoomForLaterOnesIsForgotten() async throws {
        var tuner = home.tuner
        tuner.steps = 8
        try await housed(home, tuner: tuner) { client in
            let id = try await client.done()
            let left = try await client.get("\(JobTests.path)/\(id)/checkpoints").json["data"]?.array ?? []
            #expect(left.map { $0["step_number"] } == [8, 6])
            for (step, status) in [(2, HTTPResponse.Status.notFound), (6, .ok)] {
                let name = "ft:fake:yuyan::\(id.suffix(8)):ckpt-step-\(step)"
                let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"\(name)\"")
                #expect(try await client.post(ChatTests.path, chat).status == status)
            }
        }
    }

    @Test func whatTheServerWasStartedWithStays() async throws {
        try await housed(home) { client in
            let response = try await client.delete("/v1/models/fake")
            #expect(response.status == .forbidden)
            #expect(try response.fault == ["model", "model_not_deletable"])
        }
    }

    @Test func aTunedModelCanBeTunedAgain() async throws {
        try await housed(home) { client in
            let name = "ft:fake:yuyan::\(try await client.done().suffix(8))"
            let body = #"{"model": "\#(name)", "training_file": "\#(try await client.uploaded())"}"#
            let id = try await client.post(JobTests.path, body).json["id"]?.string ?? ""
            let again = try await client.settled(id)["fine_tuned_model"]?.string ?? ""
            #expect(again == "ft:fake:yuyan::\(id.suffix(8))")
            let model = try await client.get("/v1/models/\(again)").json
            #expect(model["parent"] == .string(name))
            #expect(model["root"] == "fake")
        }
    }
}
