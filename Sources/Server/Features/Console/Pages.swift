package import Foundation
import HTTPTypes
import NIOCore

/// A file of the console, as it is sent.
package struct Page: Sendable {
    let bytes: ByteBuffer, type: String, tag: String, modified: String
}

/// The console's files, by name.
package struct Pages: Sendable {
    private let pages: [String: Page]
    private let searched: [String]

    /// Those that came with this executable.
    package static let installed = Pages()

    package subscript(name: String) -> Page? { pages[name] }

    /// Reads every file beneath the first of `folders` that exists.
    package init(in folders: [URL] = Pages.folders) {
        searched = folders.map(\.path)
        let folder = folders.first { FileManager.default.fileExists(atPath: $0.appending(path: "index.html").path) }
        pages = folder.map(Pages.read) ?? [:]
    }

    package var missing: APIError {
        APIError(
            status: .notFound,
            kind: .notFound,
            message:
                "The console's pages are not installed. They were looked for in \(searched.joined(separator: ", ")).",
            code: "no_console"
        )
    }

    /// Beside the executable, where the build puts them, or where an installation would; `YUYAN_CONSOLE` goes before both.
    ///
    /// `Bundle.module` is not asked: where it finds nothing it ends the process.
    package static var folders: [URL] {
        let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let bundle = "yuyan_Server.resources/Console"
        let given = ProcessInfo.processInfo.environment["YUYAN_CONSOLE"].map { [URL(filePath: $0)] } ?? []
        return given + [
            executable.appending(path: bundle),
            executable.appending(path: "../share/yuyan/Console").standardized,
            executable.appending(path: "../lib/yuyan/\(bundle)").standardized,
            Bundle.main.bundleURL.appending(path: bundle),
        ]
    }
}

extension Pages {
    private static func read(_ folder: URL) -> [String: Page] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        var pages: [String: Page] = [:]
        for name in names { pages[name] = page(folder.appending(path: name)) }
        return pages
    }

    private static func page(_ file: URL) -> Page? {
        guard let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .contentModificationDateKey]),
            values.isRegularFile == true, let data = try? Data(contentsOf: file)
        else { return nil }
        return Page(
            bytes: ByteBuffer(bytes: data),
            type: type(file.pathExtension.lowercased()),
            tag: "\"\(fingerprint(data))\"",
            modified: httpDate(values.contentModificationDate ?? .distantPast)
        )
    }

    private static func type(_ suffix: String) -> String {
        let types = [
            "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
            "mjs": "text/javascript; charset=utf-8",
            "css": "text/css; charset=utf-8", "json": "application/json", "svg": "image/svg+xml", "png": "image/png",
            "jpg": "image/jpeg", "webp": "image/webp", "ico": "image/x-icon", "woff2": "font/woff2",
            "woff": "font/woff",
            "ttf": "font/ttf", "txt": "text/plain; charset=utf-8", "md": "text/plain; charset=utf-8",
            "webmanifest": "application/manifest+json", "wasm": "application/wasm",
        ]
        return types[suffix] ?? "application/octet-stream"
    }

    /// FNV-1a (Fowler, Noll, Vo): it tells versions apart and guards nothing.
    private static func fingerprint(_ data: Data) -> String {
        let hash = data.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }

    private static func httpDate(_ date: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.string(from: date)
    }
}
