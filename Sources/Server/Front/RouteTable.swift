import HTTPTypes
import Hummingbird

/// Which methods a path knows, to answer 405 with `Allow` where only the method is wrong.
struct RouteTable: Sendable {
    private let methods: [(path: [Substring], method: String)]

    init(_ router: Router<AppContext>) {
        methods = router.routes.map { ($0.path.description.split(separator: "/"), $0.method.rawValue) }
    }

    func allowed(_ path: String) -> [String] {
        let parts = path.split(separator: "/")
        let found = methods.filter { matches($0.path, parts) }.map(\.method)
        return Set(found.contains("GET") ? found + ["HEAD"] : found).sorted()
    }

    private func matches(_ pattern: [Substring], _ parts: [Substring]) -> Bool {
        if pattern.last == "**" { return parts.starts(with: pattern.dropLast()) && parts.count >= pattern.count }
        return pattern.count == parts.count
            && zip(pattern, parts).allSatisfy { $0.hasPrefix(":") || $0.hasPrefix("{") || $0 == $1 }
    }
}
