import HTTPTypes
package import Hummingbird
import NIOCore

/// The pages: `/`, and what they ask for under `/console/`.
///
/// All of them are read once, at the start. A request is a look-up by name, so no path leads out of the folder.
package struct Console: Feature {
    let pages: Pages

    package init(_ pages: Pages) { self.pages = pages }

    package func mount(on router: RouterGroup<AppContext>) {
        router.get("", use: index)
        router.get("favicon.ico", use: icon)
        router.get("console/**", use: file)
    }

    @Sendable func index(_ request: Request, _ context: AppContext) throws -> Response {
        guard let page = pages["index.html"] else { throw pages.missing }
        return answer(page, to: request)
    }

    @Sendable func icon(_ request: Request, _ context: AppContext) -> Response {
        guard let page = pages["favicon.ico"] ?? pages["favicon.svg"] else { return Response(status: .noContent) }
        return answer(page, to: request)
    }

    @Sendable func file(_ request: Request, _ context: AppContext) throws -> Response {
        let name = context.parameters.getCatchAll().joined(separator: "/")
        guard let page = pages[name] else {
            throw APIError(
                status: .notFound,
                kind: .notFound,
                message: "There is no page '\(name)'.",
                code: "unknown_url"
            )
        }
        return answer(page, to: request)
    }

    private func answer(_ page: Page, to request: Request) -> Response {
        var headers = Console.security
        headers[.eTag] = page.tag
        headers[.lastModified] = page.modified
        headers[.cacheControl] = "no-cache"  // ask again each time; the tag makes that cheap
        if isCurrent(page, request.headers) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = page.type
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: page.bytes))
    }

    private func isCurrent(_ page: Page, _ headers: HTTPFields) -> Bool {
        if let given = headers[.ifNoneMatch] {
            let tags = given.split(separator: ",").map { String($0).trimmed }
            return tags.contains(page.tag) || tags.contains("*")
        }
        return headers[.ifModifiedSince] == page.modified
    }

    private static let security: HTTPFields = [
        .contentSecurityPolicy: [
            "default-src 'self'", "img-src 'self' data: blob:", "style-src 'self'", "connect-src 'self'",
            "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; "),
        .xContentTypeOptions: "nosniff",
        HTTPField.Name("referrer-policy")!: "no-referrer",
    ]
}
