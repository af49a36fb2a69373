import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Logging
import Server
import Synchronization
import Testing
import Text

/// Adapters over the models of a server: how they are named, loaded, listed and let go.
@Suite struct AdaptedModelsTests {
    struct Broken: Error, CustomStringConvertible { let description = "it belongs to another model" }

    /// A directory of two models on a shelf, and a store with two adapters, `good` and `broken`.
    final class House: Sendable {
        let shelf: Shelf, models: AdaptedModels
        private let box: Box

        init(budget: Int = .max, idle: Duration? = nil, _ known: [AdaptedModels.Adapter] = []) {
            let opened = Box(), shelf = Shelf(budget: budget, idle: idle)
            let entries = ["a", "b:c"].map { name in
                ShelvedModels.Entry(Self.model(name, opened), card: FakeModel().card)
            }
            let finder = AdaptedModels.Finder(
                path: { ["good", "broken"].contains($0) ? "/store/\($0)" : nil },
                item: { adapter in
                    let base = entries.first { $0.item.name == adapter.base }!.item
                    return Shelf.Item(name: adapter.title, bytes: 1, over: base) { model in
                        opened.names.withLock { $0.append(adapter.title) }
                        guard adapter.path != "/store/broken" else { throw Broken() }
                        var adapted = FakeModel()
                        (adapted.card.name, adapted.card.parent) = (adapter.title, model.card.name)
                        adapted.words = [adapter.path]
                        return adapted
                    }
                }
            )
            (self.shelf, self.box) = (shelf, opened)
            models = AdaptedModels(over: ShelvedModels(entries, on: shelf), known, on: shelf, finding: finder)
        }

        var names: [String] { box.names.withLock(\.self) }

        /// Whether the files of the models beneath are spoiled.
        func spoil(_ isSpoiled: Bool) { box.isSpoiled.withLock { $0 = isSpoiled } }

        final class Box: Sendable {
            let names = Mutex<[String]>([]), isSpoiled = Mutex(false)
        }

        private static func model(_ name: String, _ opened: Box) -> Shelf.Item {
            Shelf.Item(name: name, bytes: 4) {
                if opened.isSpoiled.withLock(\.self) { throw ShelfTests.Spoiled() }
                opened.names.withLock { $0.append(name) }
                var model = FakeModel()
                model.card.name = name
                return model
            }
        }
    }

    @Test func namesAreOfAModelAndAnAdapter() async throws {
        let known = [("x", "a"), ("x:y", "b:c")].map { AdaptedModels.Adapter(name: $0, base: $1, path: "/\($0)") }
        let models = House(known).models
        #expect(models.names == ["a", "b:c", "a:x", "b:c:x:y"])
        let found = ["a:x": "a:x", "x": "a:x", "b:c:x:y": "b:c:x:y", "b:c": "b:c", "a:good": "a:good"]
        for (asked, expected) in found {
            #expect(try await models.model(named: asked)?.card.name == expected)
        }
        for unknown in ["a:z", "c:x", "a:", "a:../good", "good", ":x"] {
            #expect(try await models.model(named: unknown) == nil, "\(unknown)")
        }
        let listing = try #require(try await models.describe("x"))
        #expect(listing.name == "a:x" && listing.parent == "a" && listing.root == "a")
    }

    @Test func oneIsAsOldAsItsFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "adapter-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "adapter_config.json").path, date = Date(timeIntervalSince1970: 1_600_000_000)
        try Data("{}".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        let models = House([.init(name: "x", base: "a", path: folder.path)]).models
        #expect(try await models.describe("a:x")?.created == 1_600_000_000)
        let found = try #require(try await models.describe("a:good")?.created)
        #expect(try await models.describe("a:good")?.created == found, "it has no files")
    }

    @Test func theModelBeneathIsOpenedOnceAndGoesLast() async throws {
        let known = ["x", "y"].map { AdaptedModels.Adapter(name: $0, base: "a", path: "/\($0)") }
        let house = House(budget: 6, known)
        for name in ["a:x", "a:y", "a", "a:x"] { _ = try await house.models.model(named: name) }
        #expect(house.names == ["a", "a:x", "a:y"])
        _ = try await house.models.model(named: "b:c")
        #expect(house.models.open.map(\.card.name) == ["b:c"], "adapters go with their model")
        _ = try await house.models.model(named: "a:x")
        #expect(house.names == ["a", "a:x", "a:y", "b:c", "a", "a:x"])
    }

    /// What a client says of how long models stay reaches those beneath, whichever name it uses.
    @Test func modelsAreKeptAndLetGoByTheirNames() async throws {
        let house = House([.init(name: "x", base: "a", path: "/x")]), models = house.models
        #expect(models.holding("a") == nil && models.holding("a:x") == nil)
        _ = try await models.model(named: "a:x")
        #expect(models.holding("a")?.bytes == 4 && models.holding("a:x")?.bytes == 1)
        models.keep("a:x", for: .seconds(1000))
        #expect(try #require(models.holding("a:x")?.timeLeft) > .seconds(900) && models.holding("a")?.timeLeft == nil)
        models.keep("a", for: .zero)
        #expect(models.holding("a") == nil && models.holding("a:x") == nil && models.open.isEmpty)
    }

    @Test func whatWasFoundInTheStoreIsAmongThoseThatAreOpen() async throws {
        let house = House(), models = house.models
        _ = try await models.model(named: "a:good")
        #expect(models.open.map(\.card.name) == ["a", "a:good"] && models.names == ["a", "b:c"])
        #expect(models.holding("a:good")?.bytes == 1)
        try await served(house) { client in
            let listed = try await client.get("/api/ps").json["models"]?.array ?? []
            #expect(listed.map { $0["name"] } == ["a", "a:good"] && listed[1]["size"] == 1, "\(listed)")
        }
        models.keep("a:good", for: .zero)
        #expect(models.holding("a:good") == nil && models.open.map(\.card.name) == ["a"])
    }

    @Test func anAdapterThatAnswersKeepsItsModel() async throws {
        let house = House(budget: 6, [.init(name: "x", base: "a", path: "/x")])
        let busy = try #require(try await house.models.model(named: "a:x"))
        let events = try busy.generate(GenerationRequest(prompt: [1]))
        let error = await #expect(throws: APIError.self) { try await house.models.model(named: "b:c") }
        #expect(error?.code == "no_room_for_model")
        withExtendedLifetime(events) {}
    }

    @Test func idleAdaptersMakeRoomForOthers() async throws {
        let house = House(budget: 6, (1...3).map { .init(name: "\($0)", base: "a", path: "/\($0)") })
        for name in ["a:1", "a:2", "a:1", "a:3"] { _ = try await house.models.model(named: name) }
        #expect(Set(house.models.open.map(\.card.name)) == ["a", "a:1", "a:3"])
        let patient = House(idle: .seconds(60), [.init(name: "x", base: "a", path: "/x")])
        _ = try await patient.models.model(named: "a:x")
        patient.shelf.sweep(at: .now + .seconds(61))
        #expect(patient.models.open.isEmpty)
    }

    @Test func manyAskAtOnce() async throws {
        let house = House([.init(name: "x", base: "a", path: "/x")])
        await withTaskGroup(of: String?.self) { group in
            for index in 0..<20 {
                group.addTask { try? await house.models.model(named: index % 2 == 0 ? "a:x" : "a")?.card.name }
            }
            for await name in group { #expect(name != nil) }
        }
        #expect(house.names == ["a", "a:x"])
    }

    // MARK: Over the API

    private func served(
        _ house: House,
        allows: Bool = true,
        _ test: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        var options = ServerOptions()
        (options.port, options.trapsSignals, options.loadsAdapters) = (0, false, allows)
        let server = YuyanServer(
            models: house.models,
            options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
        )
        try await server.application.test(.router, test)
    }

    static let load = "/v1/load_lora_adapter", unload = "/v1/unload_lora_adapter"

    @Test func adaptersComeAndGo() async throws {
        try await served(House()) { client in
            let loaded = try await client.post(Self.load, #"{"lora_name": "mine", "lora_path": "/somewhere"}"#)
            #expect(loaded.status == .ok)
            #expect(loaded.text == "Success: LoRA adapter 'a:mine' added successfully.")
            let listed = try await client.get("/v1/models/a:mine").json
            #expect(listed["parent"] == "a" && listed["root"] == "a" && listed["max_model_len"] == 128)
            #expect(try await client.get("/v1/models").json["data"]?.array?.count == 3)
            for name in ["mine", "a:mine"] {
                let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"\(name)\"")
                #expect(try await client.post(ChatTests.path, chat).text.contains("/somewhere"))
            }
            #expect(try await client.get("/metrics").text.contains(#"model="a""#))
            #expect(try await !client.get("/metrics").text.contains(#"model="a:mine""#), "it is counted with its model")
            let gone = try await client.post(Self.unload, #"{"lora_name": "mine"}"#)
            #expect(gone.text == "Success: LoRA adapter 'mine' removed successfully.")
            #expect(try await client.get("/v1/models/a:mine").status == .notFound)
            #expect(try await client.post(Self.unload, #"{"lora_name": "mine"}"#).status == .notFound)
        }
    }

    @Test func anAdapterTakesThePlaceOfAnother() async throws {
        try await served(House()) { client in
            let body = { (path: String, more: String) in #"{"lora_name": "x", "lora_path": "\#(path)"\#(more)}"# }
            #expect(try await client.post(Self.load, body("/one", "")).status == .ok)
            let again = try await client.post(Self.load, body("/two", ""))
            #expect(again.status == .badRequest && again.text.contains("load_inplace"))
            #expect(try await client.post(Self.load, body("/two", #", "load_inplace": true"#)).status == .ok)
            let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"a:x\"")
            #expect(try await client.post(ChatTests.path, chat).text.contains("/two"))
        }
    }

    /// Though the store has it.
    @Test(arguments: [true, false]) func whatWasUnloadedAnswersOnceItIsLoadedAgain(unloads: Bool) async throws {
        let good = AdaptedModels.Adapter(name: "good", base: "a", path: "/store/good")
        try await served(House([good])) { client in
            let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"a:good\"")
            #expect(try await client.post(ChatTests.path, chat).status == .ok)
            if unloads {
                #expect(try await client.post(Self.unload, #"{"lora_name": "good"}"#).status == .ok)
            } else {
                #expect(try await client.delete("/v1/models/a:good").status == .ok)
            }
            let refused = try await client.post(ChatTests.path, chat)
            #expect(refused.status == .notFound && refused.text.contains("a:good"), "\(refused.text)")
            #expect(try await client.get("/v1/models/a:good").status == .notFound)
            let broken = #"{"lora_name": "good", "lora_path": "broken"}"#
            #expect(try await client.post(Self.load, broken).status == .badRequest)
            #expect(try await client.post(ChatTests.path, chat).status == .notFound)
            let load = #"{"lora_name": "good", "lora_path": "good"}"#
            #expect(try await client.post(Self.load, load).status == .ok)
            #expect(try await client.post(ChatTests.path, chat).text.contains("/store/good"))
        }
    }

    static let refused: [(body: String, status: HTTPResponse.Status, param: String, says: String)] = [
        (#"{"lora_name": "x"}"#, .badRequest, "lora_path", "missing"),
        (#"{"lora_path": "/x"}"#, .badRequest, "lora_name", "missing"),
        (#"{"lora_name": "", "lora_path": "/x"}"#, .badRequest, "lora_name", "a text"),
        (#"{"lora_name": "x", "lora_path": "broken"}"#, .badRequest, "lora_path", "it belongs to another model"),
        (#"{"lora_name": "x", "lora_path": "/x", "rank": 8}"#, .badRequest, "rank", "by name and path"),
        (#"{"lora_name": "x", "lora_path": "/x", "base_model_name": "z"}"#, .notFound, "base_model_name", "'z'"),
        (#"{"lora_name": "c", "lora_path": "/x", "base_model_name": "b"}"#, .notFound, "base_model_name", "'b'"),
    ]

    @Test(arguments: refused.indices) func whatCannotBeLoadedIsTold(index: Int) async throws {
        let (body, status, param, says) = Self.refused[index], house = House()
        try await served(house) { client in
            let response = try await client.post(Self.load, body), told = try response.json["error"]?["param"]
            #expect(response.status == status && response.text.contains(says), "\(response.text)")
            #expect(told == .string(param))
        }
        #expect(house.models.names == ["a", "b:c"])
    }

    @Test func aModelThatCannotBeOpenedIsNotItsAdaptersFault() async throws {
        let house = House()
        house.spoil(true)
        try await served(house) { client in
            let load = #"{"lora_name": "mine", "lora_path": "/somewhere"}"#
            let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"a:good\"")
            for (path, body) in [(Self.load, load), (ChatTests.path, chat)] {
                let refused = try await client.post(path, body), error = try refused.json["error"]
                #expect(refused.status == .serviceUnavailable && error?["code"] == "model_cannot_be_opened")
                #expect(error?["message"]?.string?.hasPrefix("The model 'a' cannot be opened: tokenizer.json") == true)
            }
            house.spoil(false)
            #expect(try await client.post(Self.load, load).status == .ok)
        }
    }

    @Test func loadingHasToBeAllowed() async throws {
        try await served(House(), allows: false) { client in
            let response = try await client.post(Self.load, #"{"lora_name": "x", "lora_path": "/x"}"#)
            #expect(response.status == .forbidden && response.text.contains("--load-adapters"))
            let chat = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"a:good\"")
            let answer = try await client.post(ChatTests.path, chat)
            #expect(answer.text.contains("/store/good"), "the store's may be asked for")
            let broken = ChatTests.body().replacingOccurrences(of: "\"fake\"", with: "\"a:broken\"")
            #expect(try await client.post(ChatTests.path, broken).status == .badRequest)
        }
    }
}
