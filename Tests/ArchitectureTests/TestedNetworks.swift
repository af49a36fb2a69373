import Foundation

/// The networks that a parameterised test runs, as its arguments say: a list of names, the golden networks of a folder, or all that are
/// registered. A test that is not parameterised so runs none.
struct TestedNetworks {
    /// Golden networks, or what config.json calls architectures.
    let names: Set<String>

    init(_ suite: String, _ test: String) {
        let path = "Tests/\(suite).swift"
        guard let file = House.all.first(where: { $0.path == path }), let list = Self.arguments(of: test, in: file.code)
        else {
            names = []
            return
        }
        names = list.hasPrefix("[") ? Self.texts(list) : Self.named(Self.definition(of: list, near: file))
    }

    /// The first argument of a test: a list, or what it is called.
    private static func arguments(of test: String, in code: String) -> Substring? {
        guard let end = code.firstRange(of: "func \(test)(")?.lowerBound,
            let start = code[..<end].ranges(of: "@Test(arguments: ").last?.upperBound,
            !code[start..<end].contains("func ")
        else { return nil }
        let rest = code[start..<end]
        guard rest.hasPrefix("[") else { return rest.prefix { $0.isLetter } }
        return rest.prefix { $0 != "]" }
    }

    /// What a constant is made of, in the test's file or in another of its target.
    private static func definition(of name: Substring, near file: House.File) -> Substring {
        let target = file.path.split(separator: "/").prefix(2).joined(separator: "/")
        for other in [file] + House.files(in: target, suffixes: [".swift"]) {
            guard let place = other.code.firstRange(of: "let \(name)") else { continue }
            let line = other.code[place.upperBound...].prefix { $0 != "\n" }
            if let sign = line.firstRange(of: " = ") { return line[sign.upperBound...] }
        }
        return ""
    }

    private static func named(_ expression: Substring) -> Set<String> {
        if expression.hasPrefix("knownArchitectures") { return Set(Registered.decoders.keys) }
        if expression.hasPrefix("knownEncoders") { return Set(Registered.encoders.keys) }
        let call = /Golden\.networks\((?:"(\w+)")?(?:, )?(?:with: \.(\w+))?\)/
        guard let match = expression.prefixMatch(of: call) else { return [] }
        let (folder, part) = (match.1.map(String.init) ?? "Models", match.2.map(String.init) ?? "outputs")
        return goldens(folder, with: part).subtracting(texts(expression[match.range.upperBound...]))
    }

    private static func texts(_ code: Substring) -> Set<String> {
        Set(code.matches(of: /"([^"]+)"/).map { String($0.1) })
    }
}

extension TestedNetworks {
    /// The golden networks of a folder that have outputs and this part; the tests read the folder in the same way.
    static func goldens(_ folder: String, with part: String = "outputs") -> Set<String> {
        let place = House.root.appending(path: "Tests/Golden/\(folder)").path
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        let files = entries.map { $0.split(separator: ".") }
        func having(_ part: String) -> Set<String> {
            Set(files.filter { $0.count > 1 && $0[1] == part }.map { String($0[0]) })
        }
        return having("outputs").intersection(having(part))
    }

    /// What the configuration in a golden network's file calls its architecture.
    static func type(of golden: String) throws -> String? {
        let places = ["Models/\(golden)", "Models/\(golden).1", "Encoders/\(golden)"].map {
            House.root.appending(path: "Tests/Golden/\($0).safetensors")
        }
        guard let data = places.lazy.compactMap({ try? Data(contentsOf: $0) }).first else { return nil }
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any]
        let metadata = header?["__metadata__"] as? [String: String] ?? [:]
        let config = try JSONSerialization.jsonObject(with: Data(metadata["config", default: "{}"].utf8))
        return (config as? [String: Any])?["model_type"] as? String
    }
}

/// The networks that the package knows: each class by what config.json calls it.
enum Registered {
    static let decoders = classes("Registry.swift"), encoders = classes("TextEncoder.swift")
    static let all = decoders.merging(encoders) { $1 }

    private static func classes(_ name: String) -> [String: String] {
        let code = House.files(in: "Sources/Models", suffixes: ["/" + name]).first?.code ?? ""
        let lines = code.matches(of: /"([\w-]+)": (\w+)\.self/).map { (String($0.1), String($0.2)) }
        return Dictionary(lines) { $1 }
    }
}
