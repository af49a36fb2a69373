package import Hummingbird

/// `POST /v1/chat/completions`, as OpenAI defines it.
package struct Chat: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/chat/completions", use: facilities.answer(in: ChatExchange.self))
    }
}
