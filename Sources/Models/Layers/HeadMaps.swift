import Tensors

/// The maps that make queries, keys and values of the same rows.
struct HeadMaps: Sendable {
    private let maps: Linear.Several, headWidth: Int

    init(query: Linear, key: Linear, value: Linear, headWidth: Int) {
        (maps, self.headWidth) = (Linear.Several([query, key, value]), headWidth)
    }

    var takesBytes: Bool { maps.takesBytes }

    /// `x` is `[rows, width]`, each result `[rows, heads, headWidth]`.
    func callAsFunction(_ x: Tensor) -> (query: Tensor, key: Tensor, value: Tensor) {
        let y = maps(x), rows = x.shape[0]
        return (
            y[0].reshaped(rows, -1, headWidth), y[1].reshaped(rows, -1, headWidth), y[2].reshaped(rows, -1, headWidth)
        )
    }
}
