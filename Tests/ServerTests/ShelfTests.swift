import HTTPTypes
import Inference
import Server
import Synchronization
import Testing

/// Several models in one server, and the memory that they share.
@Suite struct ShelfTests {
    /// Counts what is opened.
    private final class Opener: Sendable {
        let opened = Mutex<[String]>([])

        func item(_ name: String, _ bytes: Int, isPinned: Bool = false) -> ShelvedModels.Entry {
            var model = FakeModel()
            model.card.name = name
            let opened = model
            let item = Shelf.Item(name: name, bytes: bytes, isPinned: isPinned) {
                self.opened.withLock { $0.append(name) }
                return opened
            }
            return ShelvedModels.Entry(item, card: model.card)
        }
    }

    @Test func modelsMakeRoomForEachOtherByTheirSize() async throws {
        let opener = Opener(), trims = Atomic(0)
        let shelf = Shelf(budget: 10) { trims.add(1, ordering: .relaxed) }
        let models = ShelvedModels([opener.item("a", 4), opener.item("b", 4), opener.item("c", 8)], on: shelf)
        for name in ["a", "b", "a", "c", "b"] { #expect(try await models.model(named: name)?.card.name == name) }
        #expect(opener.opened.withLock(\.self) == ["a", "b", "c", "b"])
        #expect(models.open.map(\.card.name) == ["b"], "c took the room of both, b that of c")
        #expect(trims.load(ordering: .relaxed) == 2)
        #expect(try await models.model(named: "d") == nil)
    }

    @Test func whatIsPinnedStaysAndIsOpenFromTheStart() async throws {
        let opener = Opener()
        let entries = [opener.item("first", 3), opener.item("kept", 3, isPinned: true), opener.item("c", 7)]
        let models = ShelvedModels(entries, on: Shelf(budget: 10))
        try await models.prepare()
        #expect(models.open.map(\.card.name) == ["first", "kept"])
        _ = try await models.model(named: "c")
        #expect(models.open.map(\.card.name) == ["kept", "c"])
    }

    @Test func whatCanNeverFitIsToldApartFromWhatMustWait() async throws {
        let opener = Opener()
        let entries = [opener.item("kept", 4, isPinned: true), opener.item("huge", 7), opener.item("b", 6)]
        let models = ShelvedModels(entries + [opener.item("c", 6)], on: Shelf(budget: 10))
        try await models.prepare()
        let never = await #expect(throws: APIError.self) { try await models.model(named: "huge") }
        #expect(never?.code == "model_does_not_fit")
        #expect(never?.headers[.retryAfter] == nil)
        let busy = try #require(try await models.model(named: "b"))
        let events = try busy.generate(GenerationRequest(prompt: [1]))
        let later = await #expect(throws: APIError.self) { try await models.model(named: "c") }
        #expect(later?.code == "no_room_for_model")
        #expect(later?.headers[.retryAfter] == "5")
        withExtendedLifetime(events) {}
    }

    @Test func whatIsIdleForTooLongIsLetGo() async throws {
        let opener = Opener(), shelf = Shelf(idle: .seconds(60))
        let models = ShelvedModels([opener.item("a", 1), opener.item("kept", 1, isPinned: true)], on: shelf)
        let start = ContinuousClock.now
        try await models.prepare()
        shelf.sweep(at: start + .seconds(59))
        #expect(models.open.count == 2)
        let busy = try #require(try await models.model(named: "a"))
        do {
            let events = try busy.generate(GenerationRequest(prompt: [1]))
            shelf.sweep(at: .now + .seconds(3600))
            #expect(models.open.count == 2, "it answers")
            withExtendedLifetime(events) {}
        }
        #expect(await eventually { busy.statistics.running == 0 })
        shelf.sweep(at: .now + .seconds(3600))
        #expect(models.open.count == 2, "it has just answered")
        shelf.sweep(at: .now + .seconds(7200))
        #expect(models.open.map(\.card.name) == ["kept"])
    }

    struct Spoiled: Error, CustomStringConvertible {
        let description = "/srv/my/models/a/tokenizer.json: not JSON (see “/srv/notes.txt” and a/b)"
    }

    @Test func oneThatCannotBeOpenedIsTriedAgain() async throws {
        let isSpoiled = Mutex(true)
        let item = Shelf.Item(name: "a", bytes: 1) {
            if isSpoiled.withLock(\.self) { throw Spoiled() }
            return FakeModel()
        }
        let models = ShelvedModels([.init(item)], on: Shelf())
        let error = await #expect(throws: CannotOpen.self) { try await models.model(named: "a") }
        #expect(error?.cause is Spoiled && error?.description.contains("/srv/my/models") == true, "the log has it all")
        let told = error.map { APIError($0).message } ?? ""
        let expected = "The model 'a' cannot be opened: tokenizer.json: not JSON (see “notes.txt” and a/b). "
        #expect(told.hasPrefix(expected), "\(told)")
        isSpoiled.withLock { $0 = false }
        #expect(try await models.model(named: "a") != nil)
    }

    @Test func closedModelsAreListedWithWhatIsKnownOfThem() async throws {
        let opener = Opener()
        let models = ShelvedModels([opener.item("a", 1), opener.item("b", 1), opener.item("a", 9)], on: Shelf())
        #expect(models.names == ["a", "b"])
        #expect(try await models.describe("b")?.card?.contextLength == 128)
        #expect(try await models.describe("c") == nil)
        #expect(opener.opened.withLock(\.self).isEmpty)
    }

    /// What a card tells is when its engine was started.
    @Test func aModelIsAsOldAsItsFile() async throws {
        let opener = Opener(), file = ModelFile(bytes: 1, modified: 1_600_000_000, digest: "")
        let entries: [ShelvedModels.Entry] = [
            .init(opener.item("a", 1).item, file: file), .init(opener.item("b", 1).item),
        ]
        let models = ShelvedModels(entries, on: Shelf(budget: 1))
        let started = try #require(try await models.describe("b")?.created)
        #expect(started > 1_700_000_000)
        for name in ["a", "b", "a"] {
            #expect(try await models.model(named: name) != nil)
            #expect(try await models.describe("a")?.created == 1_600_000_000)
            #expect(try await models.describe("b")?.created == started)
        }
    }
}
