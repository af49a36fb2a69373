import Foundation
import TestSupport
import Testing
import Text

/// A copy of a folder of Tests/Golden/Bundles that a test may change; it goes with its owner.
final class GoldenFolder {
    let url: URL

    var path: String { url.path }

    /// - Parameter name: of a golden folder; nil makes an empty one.
    init(_ name: String? = nil) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "bundles-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        url = place.appending(path: name ?? "empty")
        if let name {
            try FileManager.default.copyItem(at: Self.golden(name), to: url)
        } else {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(at: url.deletingLastPathComponent()) }

    static func golden(_ name: String) -> URL { Golden.folder.appending(path: "Bundles/\(name)") }

    func file(_ name: String) -> String { url.appending(path: name).path }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

    func write(_ text: String, _ name: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    func json(_ name: String) throws -> JSON { try JSON(parsing: String(contentsOfFile: file(name), encoding: .utf8)) }

    /// Sets, or with nil removes, a value of a JSON file.
    func set(_ path: [String], to value: JSON?, in name: String = "config.json") throws {
        try write(Self.setting(path[...], to: value, in: json(name)).text(), name)
    }

    private static func setting(_ path: ArraySlice<String>, to value: JSON?, in json: JSON) -> JSON {
        guard let name = path.first, var members = json.object else { return value ?? .null }
        members[name] = path.count > 1 ? setting(path.dropFirst(), to: value, in: json[name] ?? [:]) : value
        return .object(members)
    }
}

/// Runs `body` and returns what the error that it throws says.
func complaint(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "no error"
}
