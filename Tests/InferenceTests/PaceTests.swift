import Inference
import Testing

@Suite struct PaceTests {
    /// A pace that has seen steps of `rows` rows on a machine where a step takes `fixed + each * rows` seconds.
    private func pace(_ rows: [Int], fixed: Double, each: Double) -> Pace {
        rows.reduce(into: Pace()) { $0.note(rows: $1, seconds: fixed + each * Double($1)) }
    }

    @Test(arguments: [(0.004, 0.0006), (0.012, 0.0015), (0.0001, 0.01), (0.2, 0.001)], [1, 4, 16, 32])
    func aStepWithPromptsTakesAtMostTwiceAsLong(machine: (fixed: Double, each: Double), streams: Int) {
        let pace = pace([1, 4, 512, 20, streams], fixed: machine.fixed, each: machine.each)
        let most = pace.budget(streams: streams)
        let alone = machine.fixed + machine.each * Double(streams)
        let together = machine.fixed + machine.each * Double(most)
        #expect(together <= 2.01 * alone || most == streams + 8)
        #expect(together >= 1.8 * alone, "prompts get what streams can spare")
    }

    @Test func promptsAloneMayTakeAllThereIs() {
        #expect(pace([1, 512], fixed: 0.004, each: 0.0006).budget(streams: 0) == .max)
    }

    @Test(arguments: [[], [1], [4, 4, 4]])
    func whileNothingIsKnownPromptsGetSomething(rows: [Int]) {
        #expect(pace(rows, fixed: 0.004, each: 0.0006).budget(streams: 4) == 68)
    }

    @Test func promptsAlwaysAdvance() {
        #expect(pace([1, 9, 512], fixed: 0, each: 0.01).budget(streams: 1) == 9)
    }

    @Test func aMachineThatGetsBusyIsNoticed() {
        var pace = pace([1, 512, 1, 512], fixed: 0.004, each: 0.0006)
        let before = pace.budget(streams: 1)
        for rows in [1, 8, 1, 8] + Array(repeating: [1, 8], count: 200).flatMap(\.self) {
            pace.note(rows: rows, seconds: 0.04 + 0.0012 * Double(rows))
        }
        #expect(pace.budget(streams: 1) > 3 * before)
    }

    @Test func stepsThatAreCheaperWithMoreRowsTeachNothing() {
        var pace = Pace()
        pace.note(rows: 1, seconds: 1)
        pace.note(rows: 512, seconds: 0.5)
        #expect(pace.budget(streams: 2) == 66)
    }

    @Test(arguments: [(0.02, 0.0025), (0.009, 0.001), (0.03, 0.005)], [1, 4, 16])
    func whatAStepTakesIsForetold(machine: (fixed: Double, each: Double), rows: Int) throws {
        let pace = pace([1, 3, 9, 2, 64], fixed: machine.fixed, each: machine.each)
        let time = try #require(pace.seconds(rows: rows))
        #expect(abs(time - machine.fixed - machine.each * Double(rows)) < 1e-6)
        #expect(abs(pace.rowCost - machine.each / (machine.fixed + machine.each)) < 1e-6)
    }

    /// Steps of eight rows alone tell what one of one row takes, as far as rows cost what is usual.
    @Test func whereAllStepsAreAlikeRowsCostWhatIsUsual() throws {
        let pace = pace([8, 8, 8], fixed: 0.01, each: 0.001)
        #expect(abs(try #require(pace.seconds(rows: 8)) - 0.018) < 1e-9)
        #expect(abs(try #require(pace.seconds(rows: 1)) - 0.018 / (1 + 7 * Stakes.usualRowCost)) < 1e-9)
        #expect(pace.rowCost == Stakes.usualRowCost && Pace().rowCost == Stakes.usualRowCost)
        #expect(Pace().seconds(rows: 1) == nil)
    }

    @Test(arguments: [(0.001, 0.01), (0.01, 0.000001)]) func whatOneRowCostsIsBelievedWithinBounds(
        fixed: Double,
        each: Double
    ) {
        let cost = pace([1, 5, 2, 9], fixed: fixed, each: each).rowCost
        #expect(cost == (fixed > each ? 0.75 : 2) * Stakes.usualRowCost)
    }
}
