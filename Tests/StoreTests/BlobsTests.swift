import Foundation
import Store
import TestSupport
import Testing

@Suite struct BlobsTests {
    let scratch: Scratch
    /// FIPS 180-4's example: the SHA-256 of "abc".
    static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    init() throws { scratch = try Scratch() }

    private func blobs() throws -> Blobs { try Blobs(at: scratch.folder.appending(path: "files")) }

    private func files(in blobs: String = "files") throws -> [String] {
        let folder = scratch.folder.appending(path: blobs)
        let found = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return found.filter { !folder.appending(path: $0).hasDirectoryPath && $0.contains("/") }
    }

    @Test func contentsAreNamedByTheirDigest() throws {
        let blobs = try blobs(), draft = try blobs.draft()
        for byte in "abc".utf8 { try draft.write([byte]) }
        #expect(try blobs.keep(draft) == Blob(digest: Self.abc, size: 3))
        #expect(try Data(contentsOf: blobs.url(of: Self.abc)) == Data("abc".utf8))
        #expect(try blobs.open(Self.abc).bytes(at: 1, count: 10) == Array("bc".utf8))
        #expect(try blobs.open(Self.abc).bytes(at: 3, count: 10).isEmpty)
    }

    @Test func nobodyElseReadsThem() throws {
        let blobs = try blobs(), draft = try blobs.draft()
        try draft.write("abc".utf8)
        _ = try blobs.keep(draft)
        let database = try scratch.database(), files = FileManager.default
        try database.add(1, "a")
        let paths = [blobs.url(of: Self.abc).path, scratch.file.path, scratch.file.path + "-wal"]
        let kept = try paths.map { try files.attributesOfItem(atPath: $0)[.posixPermissions] as? Int }
        #expect(kept == [0o600, 0o600, 0o600])
        let folder = scratch.folder.appending(path: "files").path
        #expect(try files.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
        withExtendedLifetime(database) {}
    }

    @Test func equalContentsAreKeptOnce() throws {
        let blobs = try blobs()
        for _ in 0..<2 {
            let draft = try blobs.draft()
            try draft.write("abc".utf8)
            #expect(try blobs.keep(draft).digest == Self.abc)
        }
        #expect(try files() == ["ba/\(Self.abc)"])
    }

    @Test func aFolderInUseIsRefusedAndClosesNothingOfOthers() throws {
        let blobs = try blobs()
        var refusals = 0
        let closed = filesClosedForOthers {
            for _ in 0..<20_000 { refusals += (try? self.blobs()) == nil ? 1 : 0 }
        }
        #expect(closed == 0 && refusals == 20_000)
        withExtendedLifetime(blobs) {}
    }

    @Test func aDraftThatIsNotKeptVanishes() throws {
        let blobs = try blobs()
        do {
            let draft = try blobs.draft()
            try draft.write("half".utf8)
            #expect(try files().count == 1)
        }
        #expect(try files().isEmpty)
    }

    @Test func draftsOfAnEndedProcessAreThrownAway() throws {
        let drafts = scratch.folder.appending(path: "files/drafts")
        try FileManager.default.createDirectory(at: drafts, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: drafts.appending(path: "left"))
        _ = try blobs()
        #expect(try files().isEmpty)
    }

    @Test func aFolderHasOneOwner() throws {
        let first = try blobs()
        #expect { try blobs() } throws: { error in
            guard case .inUse? = error as? StoreError else { return false }
            return "\(error)".contains("YUYAN_HOME")
        }
        withExtendedLifetime(first) {}
    }

    @Test func theFolderIsFreeWhenItsOwnerIsGone() throws {
        do { _ = try blobs() }
        _ = try blobs()
        #expect(try files().isEmpty)
    }

    @Test func aReaderReadsToItsEnd() throws {
        let blobs = try blobs(), draft = try blobs.draft()
        try draft.write("abc".utf8)
        let digest = try blobs.keep(draft).digest, reader = try blobs.open(digest)
        try blobs.remove(digest)
        try blobs.remove(digest)
        #expect(try reader.bytes(at: 0, count: 3) == Array("abc".utf8))
        #expect(throws: StoreError.noBlob(digest: digest)) { try blobs.open(digest) }
    }

    /// The device that is always full.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func aFullDiskIsTold() throws {
        let draft = try BlobDraft(at: "/dev/full", vanishes: false)
        #expect(throws: StoreError.full(path: "/dev/full")) { try draft.write("abc".utf8) }
    }
}
