import Foundation

/// Serves many requests at once with one model: continuous batching on a thread of its own.
///
/// The thread sleeps while nobody asks for anything. Requests are checked and bounded at the door; once inside, nothing that
/// happens to one disturbs another, not even in the bits of its results.
public final class Engine: Sendable {
    /// The most tokens prompt and completion may have together.
    public let contextLength: Int
    public let vocabularySize: Int
    /// What its cache holds of each block; nil where nothing outlives it.
    public let cacheLayout: CacheLayout?
    private let voice: any Voice
    let door: Door
    private let makeDrafter: MakeDrafter?

    /// Makes the drafter of a request that will get so many tokens at most, chosen with those numbers.
    package typealias MakeDrafter = @Sendable (GenerationRequest, _ maxTokens: Int, Chance) -> any Drafter

    /// - Parameter drafter: makes the drafter of a request, if options want any.
    package init(
        runner: any Runner,
        voice: any Voice,
        contextLength: Int,
        options: Options = Options(),
        drafter: @escaping MakeDrafter = { request, _, _ in PromptLookup(request.prompt, prediction: request.prediction)
        }
    ) {
        makeDrafter = options.speculates ? drafter : nil
        self.contextLength = min(contextLength, runner.blocks * Blocks.size)
        vocabularySize = runner.vocabulary
        cacheLayout = runner.keeping
        self.voice = voice
        let door = Door(
            seats: options.maxRunning,
            maxQueued: options.maxQueued,
            maxQueuedTokens: options.maxQueuedTokens
        )
        self.door = door
        door.report { $0.blocksTotal = runner.blocks }
        let limits = Scheduler.Limits(
            budget: options.tokenBudget,
            seats: options.maxRunning,
            scores: options.scoreBytes / (runner.vocabulary * MemoryLayout<Float>.stride)
        )
        let endOfGeneration = voice.endOfGeneration
        let thread = Thread {
            let scheduler = Scheduler(blocks: runner.blocks, limits: limits, reusesPrefixes: options.reusesPrefixes)
            EngineLoop(runner: runner, endOfGeneration: endOfGeneration, door: door, scheduler: scheduler).run()
        }
        thread.name = "engine"
        thread.stackSize = 16 << 20
        thread.start()
    }

    deinit { door.slam() }

    /// Accepts a request, or says at once why not. The engine lives at least as long as its generations.
    public func generate(_ request: GenerationRequest) throws(EngineError) -> Generation {
        let maxTokens: Int
        do throws(EngineError) {
            maxTokens = try request.validate(vocabulary: vocabularySize, context: contextLength)
        } catch {
            door.noteInvalid()
            throw error
        }
        let mailbox = Mailbox()
        let id = door.number()
        let chance = Chance(seed: request.sampling.seed ?? .random(in: .min ... .max))
        let job = Job(
            id,
            request,
            maxTokens: maxTokens,
            chance: chance,
            voice: voice,
            mailbox: mailbox,
            drafter: maxTokens > 1 ? makeDrafter?(request, maxTokens, chance) : nil
        )
        try door.admit(job)
        return Generation(lifeline: .init(mailbox) { self.door.cancel(id) })
    }

    /// How things stand; cheap enough to ask at any time.
    public var statistics: EngineStatistics { door.statistics }

    /// Accepts nothing more, lets what was accepted finish for at most `grace`, then cancels it.
    public func shutdown(grace: Duration = .seconds(30)) async { await door.close(grace: grace) }
}
