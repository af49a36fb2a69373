public import Bundles
public import Checkpoints
import Models
import Synchronization
import Text

extension ServedModel {
    /// Opens a GGUF file, a model's folder in the Hub's layout or an adapter's in PEFT's: reads and repacks the weights, and
    /// checks that the parts fit.
    ///
    /// - Parameter resolve: asked for the path of an adapter's base, where it is not a path itself.
    public static func open(
        path: String,
        name: String,
        options: Options = Options(),
        resolving resolve: ModelBundle.Resolver? = nil
    ) throws -> ServedModel {
        let bases = Mutex<[String]>([])
        let noting = resolve.map { resolve -> ModelBundle.Resolver in
            { name in
                let path = try resolve(name)
                bases.withLock { $0.append(path) }
                return path
            }
        }
        let bundle = try ModelBundle.open(path, check: options.fingerprints, resolving: noting)
        var model = try open(bundle, name: name, options: options)
        // Keys that are kept beside a conversation are of the one kind or the other.
        let kind = options.contextLength.map(bundle.settings.turnsOtherwise) == true ? " short" : ""
        model.identity = WeightsIdentity.of([path] + bases.withLock(\.self)).map { $0 + kind }
        return model
    }

    public static func open(_ file: GGUFFile, name: String, options: Options = Options()) throws -> ServedModel {
        try open(ModelBundle(file, check: options.fingerprints), name: name, options: options)
    }

    public static func open(_ bundle: ModelBundle, name: String, options: Options = Options()) throws -> ServedModel {
        let maps = bundle.adapter == nil ? AdaptableMaps() : nil
        let settings = bundle.settings.opened(for: options.contextLength)
        var served = try ServedModel(
            name: name,
            model: Models.model(settings, Weights(Packed(bundle.network), register: maps)),
            tokenizer: Tokenizer(bundle.tokenizer),
            template: bundle.chatTemplate(),
            settings: bundle.settings,
            defaults: Sampling(bundle.defaults),
            options: options
        )
        served.adaptable = maps.map { maps in
            maps.add(head: served.model.head)
            let check = options.fingerprints
            return Adaptable(maps: maps, fingerprint: bundle.fingerprint, check: check, path: bundle.path)
        }
        return served
    }
}

extension Sampling {
    /// The makers' wishes, where there are any that make sense.
    init(_ defaults: GenerationDefaults) {
        self.init()
        var wish = self
        wish.temperature = defaults.temperature ?? temperature
        wish.topK = defaults.topK ?? topK
        wish.topP = defaults.topP ?? topP
        wish.minP = defaults.minP ?? minP
        wish.repetitionPenalty = defaults.repetitionPenalty ?? repetitionPenalty
        if (try? wish.validate(vocabulary: 0)) != nil { self = wish }
    }
}
