import Checkpoints
import Testing
import Text
import Training

/// What a run is asked to do: read strictly, with every default told.
@Suite struct RunConfigurationTests {
    private func read(_ text: String) throws -> RunConfiguration { try RunConfiguration(JSON(parsing: text.utf8)) }

    private static let small = #"{"model": {"base": "m"}, "data": {"train": "a.jsonl"}}"#

    @Test func theSmallestFileHasDefaultsForTheRest() throws {
        let run = try read(Self.small)
        #expect(run.model == .base("m") && run.adapter == nil && run.objective == .nextToken)
        #expect(run.data.train == [.init("a.jsonl")])
        #expect(run.data.share == 0.01 && run.length == .epochs(1) && run.optimizer.rate == 3e-4)
        #expect(run.batch.tokens == 2048 && run.batch.context == 512)
    }

    @Test func whatHoldsIsToldInFull() throws {
        let run = try read(
            #"{"model": {"base": "m"}, "data": {"train": ["a", "b"]}, "adapter": {"type": "lora", "rank": 4}}"#
        )
        let given = run.lines.filter { !$0.isDefault }.map(\.key)
        #expect(given == ["model.base", "adapter.type", "adapter.rank"])
        let held = Dictionary(run.lines.map { ($0.key, $0.value) }) { "\($0), \($1)" }
        #expect(held["data.train"] == "a, b" && held["adapter.alpha"] == "8.0" && held["optimizer.decay"] == "0.0")
        #expect(held["batch.precision"] == "bfloat16" && held["average"] == "none" && held["epochs"] == "1.0")
        #expect(try read(Self.small).lines.count > 30)
    }

    @Test func aNewNetworkHasSettingsAndATokenizer() throws {
        let run = try read(
            #"""
            {"model": {"new": {"model_type": "llama", "hidden_size": 64}, "tokenizer": {"type": "unigram", "size": 900}},
             "data": {"train": {"path": "a", "layout": "text", "weight": 2}}, "steps": 10}
            """#
        )
        guard case .new(let settings, .learnt(let tokenizer), .none) = run.model else {
            Issue.record("no new network")
            return
        }
        #expect(settings["hidden_size"] == 64 && tokenizer.algorithm == .unigram && tokenizer.size == 900)
        #expect(run.length == .steps(10) && run.data.train[0].weight == 2)
    }

    static let refusals = [
        (#"[]"#, "should be settings of the form"),
        (#"{}"#, "model: name a model to begin with"),
        (#"{"model": {"base": "m"}}"#, "data.train: name at least one file"),
        (small.replacing("}}", with: "}, \"epoch\": 3}"), "epoch: there is no such setting here; there are adapter,"),
        (
            small.replacing("}}", with: "}, \"batch\": {\"tokens\": \"many\"}}"),
            "batch.tokens: should be a whole number"
        ),
        (
            small.replacing("}}", with: "}, \"batch\": {\"context\": 64, \"tokens\": 8}}"),
            "8 tokens do not hold one document"
        ),
        (small.replacing("}}", with: "}, \"steps\": 3, \"epochs\": 2}"), "epochs: there are steps too (3)"),
        (
            small.replacing("}}", with: "}, \"optimizer\": {\"type\": \"sgd\"}}"),
            "one of adamw, adamw_8bit, lion, adafactor, muon"
        ),
        (
            small.replacing("}}", with: "}, \"optimizer\": {\"in_backward\": true, \"clip\": 1}}"),
            "optimizer.clip: the length of a gradient is known when all of it is there"
        ),
        (
            small.replacing(
                "}}",
                with: "}, \"optimizer\": {\"in_backward\": true}, \"batch\": {\"accumulation\": 2}}"
            ),
            "batch.accumulation: 2 batches make a step"
        ),
        (
            small.replacing("}}", with: "}, \"optimizer\": {\"rate\": -1}}"),
            "optimizer.rate: should be a number from 0.0 to"
        ),
        (small.replacing("}}", with: "}, \"name\": \"../up\"}"), "name: should be letters"),
        (#"{"model": {"base": "m", "new": {}}, "data": {"train": "a"}}"#, "model.new: there is a base too"),
        (#"{"model": {"new": {}}, "data": {"train": "a"}, "adapter": {"type": "lora"}}"#, "adapts a model that exists"),
        (#"{"model": {"new": {}}, "data": {"train": "a"}, "objective": {"type": "dpo"}}"#, "preferences need a model"),
        (#"{"model": {"base": "m"}, "data": {"train": {"layout": "text"}}}"#, "data.train.path: is missing"),
        (#"{"model": {"base": "m"}, "data": {"train": [3]}}"#, "data.train[0]: should be a path"),
    ]

    @Test(arguments: refusals)
    func whatCannotBeMeantIsRefusedByName(text: String, message: String) throws {
        let error = #expect(throws: RunConfigurationError.self) { try read(text) }
        #expect("\(try #require(error))".contains(message), "\(String(describing: error))")
    }

    @Test(arguments: [(0.0, 0), (0.1, 10), (1, 100)])
    func theScheduleIsInSharesOfTheRun(share: Double, steps: Int) throws {
        let text = Self.small.replacing(
            "}}",
            with: "}, \"schedule\": {\"type\": \"wsd\", \"warm_up\": \(share), \"decay\": 0.25}}"
        )
        let schedule = try read(text).schedule.schedule(peak: 1, steps: 100)
        #expect(schedule.warmUp == steps && schedule.decay == 25 && schedule.steps == 100)
    }
}
