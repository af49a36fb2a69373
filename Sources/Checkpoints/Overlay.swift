public import Tensors

/// Several sources as one: the first that has the name wins.
///
///     let adapted = Weights(Overlay(adapter, file.weights))
public struct Overlay: WeightSource {
    let sources: [any WeightSource]

    public init(_ sources: any WeightSource...) { self.sources = sources }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        for source in sources {
            if let found = try source.tensor(name, fresh) { return found }
        }
        return nil
    }

    /// The first source's: what it has in another form is not to be looked for in the next.
    public func master(_ name: String) -> Tensor? { sources.first?.master(name) }
}

/// A source under other names: a model asks for `name`, the source is asked for `rename(name)`.
///
///     Renamed(file.weights) { "language_model." + $0 }
public struct Renamed: WeightSource {
    let source: any WeightSource
    let rename: @Sendable (String) -> String?

    /// `rename` returns nil for what the source is not to be asked for.
    public init(_ source: any WeightSource, _ rename: @escaping @Sendable (String) -> String?) {
        (self.source, self.rename) = (source, rename)
    }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try rename(name).flatMap { try source.tensor($0, fresh) }
    }

    public func master(_ name: String) -> Tensor? { rename(name).flatMap { source.master($0) } }
}
