import Foundation
import Testing

/// Whoever adds a part also hangs it in: features are mounted, models are registered and checked, rooms explain themselves.
@Suite struct Doors {
    static let rooms = House.folders(in: "Sources").filter { !["CKernels", "TestSupport", "yuyan"].contains($0) }

    /// An empty room (one file, a line or two) has nothing to explain yet.
    static let furnished = rooms.filter { House.files(in: "Sources/\($0)", suffixes: [".swift"]).count > 1 }

    static let models = House.files(in: "Sources/Models", suffixes: [".swift"]).filter {
        $0.code.contains(/(?:struct|class) \w+[^{\n]*:[^{\n]*\bLanguageModel\b/)
    }

    @Test(arguments: House.folders(in: "Sources/Server/Features"))
    func everyFeatureIsMounted(folder: String) {
        let plumbing = House.files(in: "Sources/Server", suffixes: [".swift"]).filter {
            !$0.path.contains("/Features/")
        }
        let files = House.files(in: "Sources/Server/Features/\(folder)", suffixes: [".swift"])
        let features = files.flatMap { $0.code.matches(of: /struct (\w+)\s*:[^{\n]*\bFeature\b/).map { String($0.1) } }
        #expect(!features.isEmpty, "Features/\(folder) declares no Feature")
        for feature in features {
            #expect(plumbing.contains { $0.code.contains("\(feature)(") }, "\(feature) is not mounted in Server.swift")
        }
    }

    @Test(arguments: models)
    func everyModelIsRegisteredAndHasAGolden(file: House.File) throws {
        let name = String(file.name.dropLast(".swift".count))
        let registry = House.files(in: "Sources/Models", suffixes: ["Registry.swift"]).map(\.code).joined()
        #expect(registry.contains("\(name).self") || registry.contains("\(name)("), "\(name) is not in the registry")
        let folder = House.root.appending(path: "Tests/Golden/Models").path
        let goldens = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        #expect(
            goldens.contains { $0.lowercased().replacing("-", with: "").contains(name.lowercased()) },
            "no file in Tests/Golden/Models is named after \(name)"
        )
    }

    @Test(arguments: furnished)
    func everyRoomExplainsItself(room: String) {
        let pages = House.files(in: "Sources/\(room)/Documentation.docc", suffixes: [".md"])
        let overview = pages.first { $0.name == "\(room).md" }
        #expect(overview?.text.hasPrefix("# ``\(room)``") == true, "\(room).md opens with # ``\(room)``")
        #expect(overview?.text.contains("## Topics") == true, "\(room).md has no Topics")
        #expect(pages.contains { $0.name.hasPrefix("Adding-a") }, "\(room) has no page Adding-a-….md")
    }

    @Test(arguments: furnished)
    func everyRoomIsTested(room: String) {
        let tests = House.files(in: "Tests/\(room)Tests", suffixes: [".swift"])
        #expect(tests.contains { $0.code.contains("@Test") }, "Tests/\(room)Tests tests nothing")
    }

    @Test func decisionsAreNumberedOnce() {
        let pages = House.files(in: "Documentation/Decisions", suffixes: [".md"]).filter { $0.name != "README.md" }
        for page in pages {
            #expect(page.name.contains(/^\d{4}-[a-z0-9-]+\.md$/), "\(page.path): NNNN-title.md")
            for word in ["context", "choice", "price"] {
                #expect(page.text.lowercased().contains(word), "\(page.path) does not tell the \(word)")
            }
        }
        let numbers = pages.map { String($0.name.prefix(4)) }
        #expect(Set(numbers).count == numbers.count, "two decisions share a number: \(numbers.sorted())")
    }

    @Test(arguments: House.all.filter { $0.path.hasSuffix(".md") && !$0.path.contains(".docc/") })
    func everyLinkLeadsSomewhere(page: House.File) {
        let folder = House.root.appending(path: page.path).deletingLastPathComponent()
        let prose = page.text.replacing(/(?ms)^```.*?^```/, with: "")
        for link in prose.matches(of: /\]\(([^):#]+)(?:#[^)]*)?\)/) {
            let target = folder.appending(path: String(link.1)).standardized.path
            #expect(FileManager.default.fileExists(atPath: target), "\(page.path) links to \(link.1)")
        }
    }
}
