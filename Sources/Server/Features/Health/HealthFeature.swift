package import Hummingbird

/// `GET /health` says that the process lives, `GET /ready` that it can answer: its model is open and it is not leaving.
///
/// Neither asks the engine anything, so both answer at once whatever it is doing.
package struct Health: Feature {
    let models: any ModelDirectory
    let drain: Drain

    package init(models: any ModelDirectory, drain: Drain) { (self.models, self.drain) = (models, drain) }

    package func mount(on router: RouterGroup<AppContext>) {
        router.get("health", use: health)
        router.get("ready", use: ready)
    }

    @Sendable func health(_ request: Request, _ context: AppContext) -> Response { answer() }

    package func answer() -> Response {
        drain.hasBegun ? Health.answer(.serviceUnavailable, "draining") : Health.answer(.ok, "ok")
    }

    @Sendable func ready(_ request: Request, _ context: AppContext) -> Response {
        if drain.hasBegun { return Health.answer(.serviceUnavailable, "draining") }
        return models.isReady ? Health.answer(.ok, "ready") : Health.answer(.serviceUnavailable, "loading")
    }

    private static func answer(_ status: HTTPResponse.Status, _ word: String) -> Response {
        var response = Response(status: status) { $0.field("status", word) }
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
