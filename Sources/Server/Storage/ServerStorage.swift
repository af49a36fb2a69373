public import Foundation
public import Store

/// What a server keeps beyond its own end: uploaded files, jobs, the models that came of them, and responses.
///
/// Where a server has none, the routes that need one say so with 501.
public final class ServerStorage: Sendable {
    package let database: any Database
    package let files: FileRecords
    package let jobs: JobRecords
    package let tuned: TunedRecords
    package let responses: ResponseRecords
    /// Closes what clients keep for the server.
    package let seal: Seal
    /// The disk is waited for on threads of its own.
    private let workshop = Workshop()

    /// Every table of the server; a database is opened with all of them.
    public static let migrations =
        FileRecords.migrations + JobRecords.migrations + TunedRecords.migrations
        + ResponseRecords.migrations

    /// Opens `yuyan.db`, `files/` and `seal.key` in a folder that is there.
    ///
    /// - Throws: `StoreError` if either cannot be used, or is in use by another process.
    public convenience init(in home: URL) throws {
        let blobs = try Blobs(at: home.appending(path: "files"))
        let database = try SQLiteDatabase(at: home.appending(path: "yuyan.db"), migrations: Self.migrations)
        try self.init(database: database, blobs: blobs, seal: Seal(in: home))
    }

    /// - Parameter database: opened with ``migrations``.
    public convenience init(database: any Database, blobs: Blobs, seal: Seal = Seal()) throws {
        try self.init(database: database, blobs: blobs, seal: seal) { Int(Date().timeIntervalSince1970) }
    }

    /// - Parameter clock: seconds of the Unix epoch; tests hand in one that they move.
    package init(
        database: any Database,
        blobs: Blobs,
        seal: Seal = Seal(),
        clock: @escaping @Sendable () -> Int
    ) throws {
        (self.database, self.seal) = (database, seal)
        files = FileRecords(database: database, blobs: blobs, clock: clock)
        tuned = try TunedRecords(database: database)
        jobs = try JobRecords(database: database, files: files, tuned: tuned, clock: clock)
        responses = try ResponseRecords(database: database, clock: clock)
        try files.sweep()
    }

    /// Runs what waits for the disk where nobody else waits for it.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await workshop.run(work)
    }
}
