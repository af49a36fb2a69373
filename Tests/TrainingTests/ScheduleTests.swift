import Testing
import Training

@Suite struct ScheduleTests {
    @Test(arguments: [
        (Schedule.Shape.constant, [0.5, 1, 1, 1, 1, 1] as [Float]), (.linear, [0.5, 1, 1, 0.775, 0.55, 0.1]),
        (.cosine, [0.5, 1, 1, 0.868198, 0.55, 0.1]), (.wsd, [0.5, 1, 1, 1, 1, 0.1]),
    ])
    func rates(shape: Schedule.Shape, expected: [Float]) {
        let schedule = Schedule(shape, peak: 1, steps: 10, warmUp: 2, decay: 2)
        for (step, rate) in zip([0, 1, 2, 4, 6, 10], expected) {
            #expect(abs(schedule.rate(at: step) - rate) < 1e-5, "\(shape) at \(step): \(schedule.rate(at: step))")
        }
    }
}
