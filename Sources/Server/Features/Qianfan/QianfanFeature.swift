package import Hummingbird

/// Baidu Qianfan's second API, `/v2`: OpenAI's chat with Qianfan's own fields and errors; models and vectors beside it. Its
/// `/v2/rerank` is Cohere's, which ``Rerank`` has.
package struct Qianfan: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v2/chat/completions", use: facilities.answer(in: QianfanExchange.self))
        router.post("v2/embeddings", use: Embeddings(facilities).create)
        router.get("v2/models", use: Models(facilities).list)
    }
}
