import Foundation
import Grammars
import Inference
import Testing

/// Answers that are held to a grammar: always of it, the same with and without guesses, and nobody else's business.
@Suite(.timeLimit(.minutes(15))) struct ConstraintTests {
    /// Four letters and an end.
    static let trie = TokenTrie(count: 5, ends: [4]) { [UInt8(97 + $0)] }

    static func constraint(_ gbnf: String) throws -> Constraint {
        Constraint(try CompiledGrammar(GBNF.grammar(gbnf), for: trie))
    }

    static func hashing() -> Engine {
        var options = Engine.Options()
        options.speculates = false
        return Engine(
            runner: HashRunner(vocabulary: 5),
            voice: ExactnessTests.voice,
            contextLength: 400,
            options: options
        )
    }

    static let grammars = [
        #"root ::= ("ab" | "cd")+"#, #"root ::= [a-d]{3,9} "a""#, #"root ::= "a" root? "d""#,
        #"root ::= "abcdabcdabcdabcd"+"#,
    ]

    @Test(arguments: grammars, ExactnessTests.samplings)
    func answersAreOfTheGrammarGuessedOrNot(grammar: String, sampling: Sampling) async throws {
        let plain = ExactnessTests.engine(speculates: false), speculative = ExactnessTests.engine(speculates: true)
        let constraint = try Self.constraint(grammar)
        for seed in 0..<12 {
            var request = ExactnessTests.request(sampling, seed: seed)
            request.constraint = constraint
            request.stop = []
            let expected = try await plain.generate(request).collect()
            let answer = try await speculative.generate(request).collect()
            #expect(
                answer.tokens == expected.tokens && answer.reason == expected.reason && answer.text == expected.text
            )
            var matcher = Matcher(constraint.grammar)
            for byte in answer.text.utf8 {
                let isTaken = matcher.accept(Int(byte) - 97)
                #expect(isTaken, "\(answer.text) of \(grammar)")
            }
            #expect(answer.reason == .length || matcher.canEnd, "\(answer.text) of \(grammar)")
        }
    }

    /// What a grammar leaves no choice about is checked several tokens a step, and is the same.
    @Test(arguments: ExactnessTests.samplings) func whatMustComeIsNotAskedForOneByOne(sampling: Sampling) async throws {
        let plain = Self.hashing()
        let foreseeing = Engine(runner: HashRunner(vocabulary: 5), voice: ExactnessTests.voice, contextLength: 400) {
            _,
            _,
            _ in Seer([])
        }
        var request = GenerationRequest(prompt: [0, 1], sampling: sampling, maxTokens: 120)
        request.sampling.seed = 3
        request.constraint = try Self.constraint(#"root ::= ("abcdbacdbbac" | "bacddcabacbd" [a-d]){8}"#)
        let expected = try await plain.generate(request).collect()
        let answer = try await foreseeing.generate(request).collect()
        #expect(answer.tokens == expected.tokens && answer.text == expected.text && answer.reason == expected.reason)
        #expect(foreseeing.statistics.steps * 2 < plain.statistics.steps, "\(foreseeing.statistics.steps) steps")
        #expect(answer.usage.acceptedTokens > 60)
        // A tokenizer that would have cut it otherwise costs guesses, no more.
        request.constraint?.encode = { $0.utf8.map { Int($0 &+ 1) % 4 } }
        let misled = try await foreseeing.generate(request).collect()
        #expect(misled.tokens == expected.tokens && misled.usage.acceptedTokens < 40)
    }

    /// The slow twin of drawing first and looking then: the greatest logit of a mask, which has every token tried.
    @Test(arguments: grammars) func withoutChanceTheBestOfTheMaskComes(grammar: String) async throws {
        var request = GenerationRequest(prompt: [2, 1], sampling: Sampling(temperature: 0), maxTokens: 30)
        request.constraint = try Self.constraint(grammar)
        let answer = try await Self.hashing().generate(request).collect()
        var matcher = Matcher(try #require(request.constraint).grammar), text = request.prompt.map(Int32.init)
        for token in answer.tokens {
            let mask = matcher.mask(), logits = HashRunner.logits(after: text, 5)
            let best = mask.tokens.max { (logits[$0], $1) < (logits[$1], $0) }
            #expect(token.id == best, "after \(text)")
            matcher.accept(token.id)
            text.append(Int32(token.id))
        }
        #expect(!answer.tokens.isEmpty)
    }

    /// Drawn first, looked up, and drawn again from what may come: together that is the model's distribution over what may come.
    @Test func drawsAreThoseOfWhatMayCome() async throws {
        let engine = Self.hashing(), draws = 3000
        var counts = [0, 0, 0, 0, 0]
        var request = GenerationRequest(prompt: [3, 1, 1], maxTokens: 1)
        request.constraint = try Self.constraint("root ::= [acd]")
        for seed in 0..<draws {
            request.sampling = Sampling(temperature: 1, seed: UInt64(seed))
            let answer = try await engine.generate(request).collect()
            counts[try #require(answer.tokens.first).id] += 1
        }
        let weights = HashRunner.logits(after: [3, 1, 1], 5).map { exp(Double($0)) },
            sum = weights[0] + weights[2] + weights[3]
        for id in [0, 2, 3] {
            let share = weights[id] / sum, spread = (share * (1 - share) * Double(draws)).squareRoot()
            #expect(abs(Double(counts[id]) - share * Double(draws)) < 4 * spread + 1, "\(counts), \(weights)")
        }
        #expect(
            counts[1] == 0 && counts[4] == 0 && weights[1] + weights[4] > sum / 10,
            "what may not come is likely enough"
        )
    }

    @Test func whereNothingCanFollowTheAnswerEnds() async throws {
        let engine = ExactnessTests.engine(speculates: true)
        var request = GenerationRequest(prompt: [0, 1], ignoreEOS: true)
        request.constraint = try Self.constraint(#"root ::= "abcd""#)
        let answer = try await engine.generate(request).collect()
        #expect(answer.text == "abcd" && answer.reason == .endOfText && answer.usage.completionTokens == 4)
    }

    @Test func likelihoodsAreTheModelsOwn() async throws {
        let engine = ExactnessTests.engine(speculates: false)
        // The end is a token like others, lest the answer have none.
        var request = GenerationRequest(prompt: [0, 1], maxTokens: 1, topLogprobs: 5, ignoreEOS: true)
        let free = try await engine.generate(request).collect()
        request.constraint = try Self.constraint(#"root ::= "d""#)
        let held = try await engine.generate(request).collect()
        let (token, other) = (try #require(held.tokens.first), try #require(free.tokens.first))
        #expect(token.top == other.top && token.id == 3)
    }

    @Test func whatCannotGoOnFailsAloneAndSaysWhere() async throws {
        let engine = ExactnessTests.engine(speculates: true)
        var request = GenerationRequest(prompt: [0, 1])
        request.constraint = try Self.constraint(#"root ::= "abX""#)
        await #expect(throws: EngineError.stuck(position: 4)) { _ = try await engine.generate(request).collect() }
        request.constraint = nil
        (request.maxTokens, request.ignoreEOS) = (5, true)
        #expect(try await engine.generate(request).collect().usage.completionTokens == 5)
        #expect(engine.statistics.blocksUsed == 0)
    }

    @Test(arguments: [0, 1, 3]) func thoughtsEndWhenTheirBudgetDoes(tokens: Int) async throws {
        let engine = ExactnessTests.engine(speculates: true)
        var request = GenerationRequest(prompt: [0, 1], sampling: Sampling(seed: 4))
        let afterwards = try Self.constraint(#"root ::= "dd" "ab""#).grammar
        request.constraint = try Self.constraint(#"root ::= [abc]* "dd" "ab""#)
        request.constraint?.budget = .init(tokens: tokens, end: Array("dd".utf8), afterwards: afterwards)
        let answer = try await engine.generate(request).collect()
        #expect(answer.text.hasSuffix("ddab") && answer.text.count <= tokens + 4 && answer.reason == .endOfText)
    }

    @Test func aGrammarOfAnotherVocabularyIsRefused() throws {
        let engine = ExactnessTests.engine(speculates: false),
            trie = TokenTrie(count: 6, ends: [4]) { [UInt8(97 + $0)] }
        var request = GenerationRequest(prompt: [0])
        request.constraint = Constraint(try CompiledGrammar(GBNF.grammar(#"root ::= "a""#), for: trie))
        #expect(throws: EngineError.self) { try engine.generate(request) }
    }
}
