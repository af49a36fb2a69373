/// What the disk, or what lies on it, refuses.
public enum StoreError: Error, Hashable, Sendable {
    /// The file or folder cannot be made, opened, read or written.
    case inaccessible(path: String, reason: String)
    /// The disk has no room; nothing that was kept is lost.
    case full(path: String)
    /// Another process has it.
    case inUse(path: String)
    /// The file is not what it has to be, a database or a key, or not whole.
    case damaged(path: String, reason: String)
    /// A later version of this program has been here.
    case newer(path: String, migrations: [String])
    /// The file is the database of some other program.
    case foreign(path: String)
    /// No blob has this digest.
    case noBlob(digest: String)
    /// A text has a NUL character, where PostgreSQL keeps none and SQLite's readers stop.
    case unstorable(text: String)
    /// The column holds another kind of value than the program keeps there.
    case unreadable(column: String, found: Datum)
    /// The database refused a statement.
    case refused(sql: String, reason: String)
}

extension StoreError {
    /// Whether it may succeed when it is tried again later: what is in the way is outside.
    public var isPassing: Bool {
        switch self {
        case .full, .inUse, .inaccessible: true
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .inaccessible(let path, let reason):
            "\(path) cannot be used: \(reason). Check its permissions and those of its folder"
        case .full(let path):
            "there is no room left on the disk of \(path). Nothing that was kept is lost: free some space and try again"
        case .inUse(let path):
            "\(path) is in use by another process. End that one, or use another folder (YUYAN_HOME)"
        case .damaged(let path, let reason):
            """
            \(path) is damaged (\(reason)). Put a backup in its place, or move it and its -wal and -shm files away \
            to begin anew; `sqlite3 FILE .recover` may save what is in it
            """
        case .newer(let path, let migrations):
            """
            \(path) was made by a newer version of this program (it knows \(migrations.joined(separator: ", "))). \
            Use that version, or another folder (YUYAN_HOME)
            """
        case .foreign(let path):
            "\(path) is a database of another program; it was left as it is. Use another folder (YUYAN_HOME)"
        case .noBlob(let digest):
            "the contents \(digest.prefix(12))… are missing from the folder of files. Put back its backup"
        case .unstorable(let text):
            "a text with a NUL character cannot be kept ('\(text.prefix(40).replacing("\0", with: "␀"))'). Leave it out"
        case .unreadable(let column, let found):
            "the column '\(column)' holds \(found), which this program did not write there. Put back a backup"
        case .refused(let sql, let reason):
            "the database refused '\(sql.prefix(120))': \(reason)"
        }
    }
}
