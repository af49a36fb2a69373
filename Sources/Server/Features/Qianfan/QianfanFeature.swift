package import Hummingbird

/// Baidu Qianfan's second API, `/v2`: OpenAI's chat with Qianfan's own fields and errors; models, vectors and ranks beside it.
package struct Qianfan: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v2/chat/completions", use: facilities.answer(in: QianfanExchange.self))
        router.post("v2/embeddings", use: Embeddings(facilities).create)
        router.post("v2/rerank", use: Rerank(facilities).create)
        router.get("v2/models", use: Models(facilities).list)
    }
}
