package import Hummingbird

/// `POST /v1/responses`, OpenAI's newer form of a conversation. Nothing is kept: each request brings all that was said.
package struct Responses: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/responses", use: facilities.answer(in: ResponsesExchange.self))
    }
}
