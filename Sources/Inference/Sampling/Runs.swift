/// The greatest logit of each run of 256, which tells where the likely tokens are without another look at all the
/// others.
struct Runs {
    private static let length = 256

    private var peaks: [Float] = []
    private var order: [Float] = []

    /// Looks the logits over once; returns the greatest, or nil if one is NaN or +∞, or all are -∞.
    mutating func survey(_ logits: Logits) -> Float? {
        let runs = (logits.count + Self.length - 1) / Self.length
        if peaks.count != runs { peaks = [Float](repeating: 0, count: runs) }
        var sound = true, best = -Float.infinity
        for run in 0..<runs {
            let peak = logits.greatest(in: run * Self.length..<min(logits.count, (run + 1) * Self.length))
            sound = sound && !peak.isNaN
            best = max(best, peak)
            peaks[run] = peak
        }
        return sound && best.isFinite ? best : nil
    }

    /// A logit that so many reach at least: as many runs have a peak of that height. nil if there are fewer runs.
    mutating func logit(reachedBy count: Int) -> Float? {
        guard count > 0, count <= peaks.count else { return nil }
        order.removeAll(keepingCapacity: true)
        order.append(contentsOf: peaks)
        return order.withUnsafeMutableBufferPointer { $0.greatest(rank: count - 1) }
    }

    /// Calls `body` for each logit that is at least `least`, in order.
    @inline(__always)
    func scan(_ logits: Logits, least: Float, _ body: (_ id: Int, _ logit: Float) -> Void) {
        for run in peaks.indices where peaks[run] >= least {
            for id in run * Self.length..<min(logits.count, (run + 1) * Self.length) where logits[id] >= least {
                body(id, logits[id])
            }
        }
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// The value with so many before it, were all sorted from the greatest down; moves them about (Hoare 1961).
    fileprivate func greatest(rank: Int) -> Float {
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = self[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while self[left] > pivot { left += 1 }
                while self[right] < pivot { right -= 1 }
                guard left <= right else { break }
                swapAt(left, right)
                (left, right) = (left + 1, right - 1)
            }
            if rank <= right { high = right } else if rank >= left { low = left } else { return self[rank] }
        }
        return self[rank]
    }
}
