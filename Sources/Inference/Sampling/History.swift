/// Which tokens a request has seen, as far as penalties ask.
package struct History: Sendable {
    private var prompt: Set<Int32> = []
    private var output: [Int32: Int] = [:]

    package init() {}

    package init(prompt: some Sequence<Int>) { self.prompt = Set(prompt.map(Int32.init)) }

    package mutating func append(_ id: Int) { output[Int32(id), default: 0] += 1 }

    /// Lowers the logits of what was said before.
    func penalise(_ logits: UnsafeMutableBufferPointer<Float>, _ sampling: Sampling) {
        if sampling.repetitionPenalty != 1 {
            for id in prompt where output[id] == nil { repel(&logits[Int(id)], sampling.repetitionPenalty) }
            for id in output.keys { repel(&logits[Int(id)], sampling.repetitionPenalty) }
        }
        for (id, count) in output {
            logits[Int(id)] -= sampling.presencePenalty + Float(count) * sampling.frequencyPenalty
        }
    }

    private func repel(_ logit: inout Float, _ penalty: Float) { logit = logit > 0 ? logit / penalty : logit * penalty }
}
