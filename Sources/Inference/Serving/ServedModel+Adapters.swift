package import Bundles
package import Models

extension ServedModel {
    /// What adapters need to share the network's batches.
    package struct Adaptable: Sendable {
        let maps: AdaptableMaps, fingerprint: Fingerprint, check: FingerprintCheck, path: String?
    }

    /// Makes what an adapter learnt ready to share this model's batches.
    ///
    /// - Throws: ``BundleError`` if it changes maps that the network does not have, or was made over a base with another tokenizer or
    ///   template.
    package func adapter(_ bundle: AdapterBundle) throws -> LoadedAdapter {
        guard let adaptable else { throw ServedModelError.notAdaptable(name) }
        let shapes = adaptable.maps.shapes, base = adaptable.path ?? name
        try bundle.requireFit(shapes, fingerprint: adaptable.fingerprint, of: base, check: adaptable.check)
        return try LoadedAdapter(bundle.folded, for: adaptable.maps)
    }

    /// The model with an adapter over it, whose requests share batches with those of the model itself.
    ///
    /// - Parameter path: a folder in PEFT's layout.
    /// - Throws: ``BundleError`` or `CheckpointError` for a folder that is none, or is another model's adapter.
    public func adapted(named name: String, by path: String) throws -> ServedModel {
        guard adapter == nil else { throw ServedModelError.notAdaptable(self.name) }
        var model = self
        model.adapter = try adapter(AdapterBundle(path: path))
        model.name = name
        model.identity = identity.flatMap { base in WeightsIdentity.of([path]).map { "\(base) \($0)" } }
        return model
    }

    /// Whether nobody uses its adapter; nil for a model without one.
    public var isIdle: Bool? { adapter?.isIdle }

    /// A request as an engine of the network takes it for this model.
    public func addressed(_ request: GenerationRequest) -> GenerationRequest {
        guard let adapter else { return request }
        var request = request
        request.adapter = adapter.use()
        return request
    }
}
