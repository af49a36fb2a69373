package import Hummingbird

/// `POST /v1/completions`: text goes on, without a template. OpenAI's older form, which evaluators still speak.
package struct Completions: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/completions", use: facilities.answer(in: CompletionsExchange.self))
    }
}
