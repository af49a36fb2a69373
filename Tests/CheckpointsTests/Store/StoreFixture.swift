import Checkpoints
import Crypto
import Foundation
import Synchronization

/// A store in a folder of its own, which is gone after the test.
final class StoreFixture: Sendable {
    let home: URL
    let store: ModelStore

    /// The model that the tests fetch, and what it is.
    static let bytes = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
    static let hash = hexadecimal(bytes)

    static func newHome() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "yuyan-tests-\(UUID().uuidString)")
    }

    init(
        sources: [ModelSource] = [],
        environment: [String: String] = [:],
        sha256: String = hash,
        file: String = "Tiny.bin",
        home: URL = newHome()
    ) throws {
        self.home = home
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let entry = CatalogueEntry(
            name: "tiny",
            aliases: ["small"],
            summary: "A model for tests",
            kind: .chat,
            file: file,
            bytes: Self.bytes.count,
            sha256: sha256,
            licence: "Apache-2.0",
            context: 128,
            sources: sources
        )
        var store = ModelStore(home: home.path, catalogue: Catalogue([entry]), environment: environment)
        store.patience = Patience(attempts: 3, firstPause: .milliseconds(5), silence: .seconds(1))
        self.store = store
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    func path(_ name: String) -> String { store.folder + "/" + name }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// Whether a file has these bytes; asked this way, a failure does not print them all.
    func holds(_ name: String, _ bytes: [UInt8]) -> Bool {
        (try? Data(contentsOf: URL(filePath: path(name)))).map(Array.init) == bytes
    }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(atPath: store.folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path(name)))
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String($0, radix: 16).leftPadded }.joined()
}

extension String {
    fileprivate var leftPadded: String { count == 1 ? "0" + self : self }
}

/// Keeps what a pull reports.
final class ProgressLog: Sendable {
    private let kept = Mutex<[PullProgress]>([])
    var all: [PullProgress] { kept.withLock { $0 } }
    var report: @Sendable (PullProgress) -> Void { { progress in self.kept.withLock { $0.append(progress) } } }
}
