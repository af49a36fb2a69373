import Foundation
import Models
import Tensors

/// The engine's thread: plan, run, sample, commit, yield.
final class EngineLoop {
    let runner: any Runner
    private let endOfGeneration: Set<Int>
    private let door: Door
    var scheduler: Scheduler
    /// One for each kernel thread.
    private var samplers = (0..<Threads.count).map { _ in Sampler() }
    private var jobs: [Int: Job] = [:]
    private var plan = Plan()
    private var pace = Pace()
    private var sampling = Duration.zero
    /// Whether training beside us holds still.
    private var isUrgent = false

    init(runner: any Runner, endOfGeneration: Set<Int>, door: Door, scheduler: consuming Scheduler) {
        (self.runner, self.endOfGeneration, self.door) = (runner, endOfGeneration, door)
        self.scheduler = scheduler
    }

    /// Returns when the door is closed and everyone has left.
    func run() {
        var deadline: ContinuousClock.Instant?
        repeat {
            let delivery = door.collect(isIdle: scheduler.isEmpty)
            deadline = delivery.deadline
            delivery.errands.forEach { $0(self) }
            delivery.arrivals.forEach(welcome)
            delivery.cancellations.forEach { leave($0, .success(.cancelled)) }
            if let deadline, deadline <= .now { cancelAll() }
            claimThreads(!scheduler.isEmpty)
            if !scheduler.isEmpty { step() }
            claimThreads(!scheduler.isEmpty)
        } while deadline == nil || !scheduler.isEmpty
        door.end()
    }

    private func claimThreads(_ wanted: Bool) {
        guard wanted != isUrgent else { return }
        isUrgent = wanted
        if wanted { Urgency.begin() } else { Urgency.end() }
    }

    private func welcome(_ job: Job) {
        jobs[job.id] = job
        if job.maxTokens == 0 && !job.request.promptLogprobs {
            return leave(job.id, .success(.length))
        }
        let tokens = job.request.prompt.map(Int32.init)
        let request = job.request
        scheduler.add(
            job.id,
            tokens,
            priority: request.priority,
            client: request.client,
            root: Blocks.root(request.adapter?.adapter.id ?? 0),
            scores: job.scores
        )
    }

    private func step() {
        let start = ContinuousClock.now
        var planned = start
        sampling = .zero
        do {
            try Threads.inPlace {
                makePlan(at: start)
                planned = .now
                try runner.run(plan) { logits in sample(logits) }
                scheduler.commit(plan)
            }
            deliver(at: .now)
        } catch {
            failPlanned(.modelFailed("\(error)"))
        }
        pace.note(rows: plan.tokens.count, seconds: planned.duration(to: .now).seconds)
        report(start.duration(to: .now))
    }

    private func makePlan(at start: ContinuousClock.Instant) {
        let budget = pace.budget(streams: scheduler.streamCount)
        scheduler.plan(into: &plan, budget: budget, pace: pace) { id, room, stakes, draft in
            jobs[id]?.draft(room, &stakes, into: &draft)
        }
        for index in plan.slices.indices {
            plan.slices[index].adapter = jobs[plan.slices[index].id]?.request.adapter?.adapter
        }
        noteSeated(at: start)
    }
}

// MARK: Sample, commit, yield

extension EngineLoop {
    private func sample(_ logits: Logits) {
        let start = ContinuousClock.now
        defer { sampling = start.duration(to: .now) }
        let readers = plan.slices.map { jobs[$0.id] }
        samplers.withUnsafeMutableBufferPointer { samplers in
            parallel(rows: readers.count, grain: 1) { slices, thread in
                for index in slices {
                    readers[index]?.read(plan.slices[index], of: plan, logits, &samplers[thread])
                }
            }
        }
        for (index, job) in readers.enumerated() { plan.slices[index].accepted = job?.accepted ?? 0 }
    }

    private func deliver(at now: ContinuousClock.Instant) {
        for slice in plan.slices {
            guard let job = jobs[slice.id] else { continue }
            if slice.isComplete, job.failure == nil { job.showPromptScores() }
            var reason = job.maxTokens == 0 && slice.isComplete ? FinishReason.length : nil
            let before = job.generated
            for token in job.drawn where reason == nil { reason = deliver(token, to: job, at: now) }
            let accepted = min(slice.accepted, job.generated - before)
            if slice.drafted > 0 { note(drafted: slice.drafted, accepted: accepted, of: job) }
            if let reason {
                leave(job.id, .success(reason))
            } else if let failure = job.failure {
                leave(job.id, .failure(failure))
            } else if let token = job.drawn.last {
                scheduler.append(Int32(token.id), to: job.id)
            }
        }
    }

    /// Shows a request's next token; returns why it was the last, if it was.
    private func deliver(_ token: TokenScore, to job: Job, at now: ContinuousClock.Instant) -> FinishReason? {
        let last = job.lastToken
        let reason = job.accept(token, ends: endOfGeneration.contains(token.id), at: now)
        door.report {
            $0.generatedTokens += 1
            if let last {
                $0.interTokenLatency.observe(now - last)
            } else {
                $0.firstTokenLatency.observe(now - job.arrival)
            }
        }
        return reason
    }

    private func failPlanned(_ error: EngineError) {
        for slice in plan.slices { leave(slice.id, .failure(error)) }
    }

    private func cancelAll() {
        for id in jobs.keys { leave(id, .success(.cancelled)) }
    }

    /// Lets a request go, wherever it is: its blocks are free from here on. Nothing happens if it is gone already.
    private func leave(_ id: Int, _ outcome: Result<FinishReason, EngineError>) {
        guard let job = jobs.removeValue(forKey: id) else { return }
        scheduler.remove(id)
        if job.isQueued { door.dequeue(tokens: job.request.prompt.count) }
        door.leave()
        door.report {
            switch outcome {
            case .success(.cancelled): $0.cancelled += 1
            case .success: $0.finished += 1
            case .failure: $0.failed += 1
            }
            note(&$0)
        }
        job.end(outcome)
    }
}

// MARK: Statistics

extension EngineLoop {
    private func noteSeated(at now: ContinuousClock.Instant) {
        for (id, cached) in scheduler.seated {
            guard let job = jobs[id], let queued = job.seat(cached: cached, at: now) else { continue }
            door.dequeue(tokens: job.request.prompt.count)
            door.report {
                $0.queueTime.observe(queued)
                $0.promptTokens += job.request.prompt.count
                $0.cachedTokens += cached
            }
        }
        scheduler.seated.removeAll(keepingCapacity: true)
    }

    private func note(drafted: Int, accepted: Int, of job: Job) {
        job.note(drafted: drafted, accepted: accepted)
        door.report {
            $0.draftedTokens += drafted
            $0.acceptedTokens += accepted
        }
    }

    private func report(_ time: Duration) {
        door.report(tokensPerSecond: Double(plan.tokens.count) / max(time.seconds, 1e-6)) {
            $0.steps += 1
            $0.samplingSeconds += sampling.seconds
            $0.stepTime.observe(time)
            note(&$0)
        }
    }

    private func note(_ statistics: inout EngineStatistics) {
        statistics.running = scheduler.runningCount
        statistics.waiting = scheduler.preemptedCount
        statistics.preemptions = scheduler.preemptions
        statistics.blocksTotal = scheduler.blocks.count
        statistics.blocksUsed = scheduler.blocks.heldCount
        statistics.blocksCached = scheduler.blocks.cachedCount
    }
}
