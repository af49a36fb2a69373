import Inference

/// The texts that a command is given: its arguments or, without any, the lines of standard input. A refusal says which one it is of.
struct GivenTexts {
    let texts: [String]
    private let areLines: Bool

    init(_ arguments: [String]) throws {
        areLines = arguments.isEmpty
        texts = try areLines ? Self.lines() : arguments
        if let empty = texts.firstIndex(where: \.isEmpty) { throw BadInput("\(place(empty)) is empty") }
    }

    private static func lines() throws -> [String] {
        guard !Terminal.inputIsTerminal else { throw BadUsage("there is no text: name one, or pipe lines in") }
        var lines = Terminal.input().split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard !lines.isEmpty else { throw BadInput("there is no text on standard input") }
        return lines.map(String.init)
    }

    /// Some at a time, so that the first are answered before the last are read.
    var batches: [Range<Int>] {
        stride(from: 0, to: texts.count, by: 256).map { $0..<min(texts.count, $0 + 256) }
    }

    /// What the model is given of one of them.
    ///
    /// - Throws: ``BadInput``, which names it, where it is longer than the model reads.
    func input(_ tokens: [Int], at index: Int, of model: VectorModel) throws -> VectorInput {
        try VectorInput(tokens).fitting(model, as: place(index))
    }

    /// As ``input(_:at:of:)``, of a text that is read with a query.
    func input(_ pair: (ids: [Int], segments: [Int]), at index: Int, of model: VectorModel) throws -> VectorInput {
        try VectorInput(pair.ids, segments: pair.segments).fitting(model, as: place(index) + " with the query")
    }

    private func place(_ index: Int) -> String { "\(areLines ? "line" : "text") \(index + 1)" }
}

extension VectorInput {
    /// Itself, where the model reads as much.
    ///
    /// - Parameter name: what a refusal calls it.
    func fitting(_ model: VectorModel, as name: String) throws -> VectorInput {
        guard tokens.count > model.contextLength else { return self }
        throw BadInput("\(name) has \(tokens.count) tokens, but \(model.name) reads \(model.contextLength); shorten it")
    }
}
