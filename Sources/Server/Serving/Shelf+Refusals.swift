import HTTPTypes

extension APIError {
    static func neverFits(_ item: Shelf.Item, of budget: Int, pinned: Int) -> APIError {
        let (cache, remedy) = item.kind == .talks ? (" with its cache", " or lower --cache-tokens") : ("", "")
        let held = pinned == 0 ? "" : ", of which pinned models have \(gigabytes(pinned))"
        return APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(item.name)' takes \(gigabytes(item.bytes))\(cache); this server's models may take "
                + "\(gigabytes(budget))\(held). Its operator can raise --model-memory\(remedy).",
            param: "model",
            code: "model_does_not_fit",
            headers: inVain
        )
    }

    static func noRoom(_ item: Shelf.Item, of budget: Int, held: Int) -> APIError {
        APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(item.name)' takes \(gigabytes(item.bytes)), and models that are answering or pinned "
                + "hold \(gigabytes(held)) of \(gigabytes(budget)). Try again when they have finished.",
            param: "model",
            code: "no_room_for_model",
            headers: [.retryAfter: "5"]
        )
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = (Double(bytes) / 1e8).rounded() / 10
        return tenths >= 0.1 ? "\(tenths) GB" : "\((Double(bytes) / 1e6).rounded()) MB"
    }
}
