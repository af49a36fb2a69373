import Foundation
import Testing

/// What no file of ours contains.
@Suite struct Habits {
    static let sources = House.files(in: "Sources", suffixes: [".swift"])

    @Test(arguments: sources.filter { !$0.path.hasPrefix("Sources/yuyan/") })
    func onlyTheCommandPrints(file: House.File) {
        #expect(!file.code.contains(/(?:^|[^\w.])(?:debugPrint|print|dump)\(/), "\(file.path) prints")
    }

    @Test(arguments: sources)
    func nothingIsForcedOrLeftUndone(file: House.File) {
        #expect(!file.code.contains(/\btry!/), "\(file.path): try!")
        #expect(!file.code.contains(/fatalError\("(?i:not |un|todo)/), "\(file.path): left undone")
        #expect(!file.text.contains(/\b(?:TODO|FIXME|XXX|HACK)\b/), "\(file.path): a note to self")
    }

    @Test func noRoomOrFolderIsADrawer() {
        let drawers: Set<Substring> = ["Common", "Utils", "Utilities", "Core", "Shared", "Helpers", "Misc"]
        for file in Self.sources {
            let folders = Set(file.path.split(separator: "/").dropLast())
            #expect(folders.isDisjoint(with: drawers), "\(file.path): name the concept")
        }
    }

    /// The tree must be readable anywhere: no path of one machine, no address of one package registry.
    @Test func noFileNamesAMachineOrARegistry() throws {
        let paths = ["/wo" + "rk/", "/op" + "t/swift", "/ro" + "ot/", "/fa" + "rm/"]
        let hosts = [
            "py" + "pi.org", "python" + "hosted.org", "deb." + "debian.org", "npm" + "js.org", "crates" + ".io",
        ]
        for file in House.all {
            for word in paths + hosts where file.text.contains(word) {
                Issue.record("\(file.path) names \(word)")
            }
        }
    }

    @Test func goldenDataStaysSmall() throws {
        let folder = House.root.appending(path: "Tests/Golden")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        for path in paths {
            let size = try folder.appending(path: path).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            #expect(size < 200_000, "Tests/Golden/\(path) has \(size) bytes")
        }
    }

    /// A page never makes HTML of strings outside the one module that escapes them.
    @Test(arguments: House.files(in: "Sources/Server", suffixes: [".js"]))
    func pagesDoNotMakeMarkupOfStrings(file: House.File) {
        let banned = /\.(?:innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML|document\.write|\beval\(|new Function\(/
        guard file.name != "sanitize.js" else { return }
        #expect(!file.code.contains(banned), "\(file.path)")
    }
}
