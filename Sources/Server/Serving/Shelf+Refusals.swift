import HTTPTypes

extension Shelf {
    /// Why a model cannot be opened while those that are pinned among the others stay; nil where it can.
    public func complaint(of item: Item, among others: [Item]) -> String? {
        let pinned = others.filter { $0.isPinned && $0.id != item.id && $0.id != item.base?.id }
        return refusal(of: item, pinned: pinned.reduce(item.base?.bytes ?? 0) { $0 + $1.bytes })?.message
    }

    func refusal(of item: Item, pinned: Int) -> APIError? {
        item.bytes <= budget - pinned ? nil : .neverFits(item, of: budget, pinned: pinned)
    }
}

extension APIError {
    static func neverFits(_ item: Shelf.Item, of budget: Int, pinned: Int) -> APIError {
        let cache = item.kind == .talks ? " with its cache" : ""
        let remedy = item.least.map { $0 <= budget - pinned } ?? false ? " or set a smaller --cache-tokens" : ""
        let held = pinned == 0 ? "" : ", of which pinned models have \(figure(pinned))"
        return APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(item.name)' takes \(figure(item.bytes))\(cache); this server's models may take "
                + "\(figure(budget))\(held). Its operator can raise --model-memory\(remedy).",
            param: "model",
            code: "model_does_not_fit",
            headers: inVain
        )
    }

    static func noRoom(_ item: Shelf.Item, of budget: Int, held: Int) -> APIError {
        APIError(
            status: .serviceUnavailable,
            kind: .server,
            message: "The model '\(item.name)' takes \(figure(item.bytes)), and models that are answering or pinned "
                + "hold \(figure(held)) of \(figure(budget)). Try again when they have finished.",
            param: "model",
            code: "no_room_for_model",
            headers: [.retryAfter: "5"]
        )
    }

    private static func figure(_ bytes: Int) -> String {
        guard bytes >= 10_000_000_000 else { return "\(Int((Double(bytes) / 1e6).rounded(.up))) MB" }
        return "\((Double(bytes) / 1e8).rounded() / 10) GB"
    }
}
