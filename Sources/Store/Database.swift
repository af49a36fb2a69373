/// A relational store that keeps what it is told: transactions, statements with parameters, migrations by name.
///
/// ```swift
/// let database: any Database = try SQLiteDatabase(at: home.appending(path: "yuyan.db"), migrations: migrations)
/// try database.write { try $0.execute("INSERT INTO notes (id, text) VALUES ($1, $2)", [1, "swift"]) }
/// let texts = try database.read { try $0.rows("SELECT text FROM notes").map { try $0.text("text") } }
/// ```
///
/// One SQL text serves every implementation, so it is written in what SQLite and PostgreSQL share: parameters are `$1`,
/// `$2` …, whole numbers are `BIGINT`, others `DOUBLE PRECISION`, texts `TEXT`; `RETURNING` and `ON CONFLICT` are there.
///
/// Both methods block their thread, a write until its bytes are on the disk: never call them on a thread that serves requests.
public protocol Database: Sendable {
    /// Runs `body` on a snapshot that does not change while it reads.
    ///
    /// - Throws: what `body` throws, and ``StoreError``.
    func read<Value>(_ body: (any Transaction) throws -> Value) throws -> Value

    /// Runs `body` alone. When this returns, all that it wrote survives the end of the process and of the power; when
    /// anything throws, nothing of it was written.
    ///
    /// - Throws: what `body` throws, and ``StoreError``.
    @discardableResult
    func write<Value>(_ body: (any Transaction) throws -> Value) throws -> Value
}

/// The statements of one transaction; it is not to be kept beyond it.
public protocol Transaction {
    /// Prepares a statement once, runs it with these parameters, and returns what it selects.
    ///
    /// - Parameter parameters: the first is `$1`.
    func rows(_ sql: String, _ parameters: [Datum]) throws -> [Row]

    /// Runs a statement that selects nothing; returns how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ parameters: [Datum]) throws -> Int
}

extension Transaction {
    public func rows(_ sql: String) throws -> [Row] { try rows(sql, []) }

    @discardableResult
    public func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    /// The first row of what is selected.
    public func row(_ sql: String, _ parameters: [Datum] = []) throws -> Row? { try rows(sql, parameters).first }
}
