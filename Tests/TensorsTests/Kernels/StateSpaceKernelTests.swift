import CKernels
import Foundation
import TestSupport
import Testing

@Suite struct StateSpaceKernelTests {
    private func close(_ a: Float, _ b: Double, _ tolerance: Double = 1e-5) -> Bool {
        abs(Double(a) - b) <= tolerance * (1 + abs(b))
    }

    @Test(arguments: ISA.available, [1, 3, 15, 16, 17, 64, 130])
    func convolutions(isa: ISA, n: Int) {
        var random = SplitMix(seed: UInt64(n)), y = [Float](repeating: 0, count: n)
        let rows = (0..<4).map { _ in random.floats(n, bound: 2) }
        let weight = random.floats(4 * n), bias = random.floats(n)
        let flat = rows.flatMap(\.self)
        flat.withUnsafeBufferPointer { flat in
            let places = (0..<4).map { Optional(flat.baseAddress! + $0 * n) }
            isa.kernels.convolve(&y, places, weight, bias, 4, n)
            for i in 0..<n {
                let sum = (0..<4).reduce(Double(bias[i])) { $0 + Double(rows[$1][i]) * Double(weight[$1 * n + i]) }
                #expect(close(y[i], sum))
            }
            isa.kernels.convolve(&y, places, weight, nil, 1, n)
            for i in 0..<n { #expect(close(y[i], Double(rows[0][i]) * Double(weight[i]))) }
        }
    }

    /// A head of three channels.
    private struct Head {
        let before, x, b, c, dy, later, start: [Float], scan: scan_t

        init(_ n: Int) {
            var random = SplitMix(seed: UInt64(n))
            (before, later) = (random.floats(3 * n), random.floats(3 * n))
            (x, dy) = (random.floats(3), random.floats(3))
            (b, c, start) = (random.floats(n), random.floats(n), random.floats(n))
            scan = scan_t(decay: 0.8, step: 0.3, skip: 1.5, width: 3, states: n)
        }

        func state(_ row: Int, _ i: Int) -> Double {
            0.8 * Double(before[row * b.count + i]) + 0.3 * Double(x[row]) * Double(b[i])
        }

        /// What later places, and the result, make of a number of the state.
        func slope(_ row: Int, _ i: Int) -> Double { Double(later[row * b.count + i]) + Double(dy[row]) * Double(c[i]) }

        func sum(_ n: Int, _ term: (Int, Int) -> Double) -> Double {
            (0..<3).reduce(0) { sum, row in (0..<n).reduce(sum) { $0 + term(row, $1) } }
        }
    }

    @Test(arguments: ISA.available, [1, 3, 15, 16, 17, 64, 130])
    func scansMoveAStateOn(isa: ISA, n: Int) {
        let head = Head(n)
        var scan = head.scan, after = head.before, y = [Float](repeating: 0, count: 3)
        isa.kernels.scan_step(&y, &after, head.x, head.b, head.c, &scan)
        for row in 0..<3 {
            for i in 0..<n { #expect(close(after[row * n + i], head.state(row, i))) }
            let sum = (0..<n).reduce(1.5 * Double(head.x[row])) { $0 + head.state(row, $1) * Double(head.c[$1]) }
            #expect(close(y[row], sum, 1e-4))
        }
    }

    @Test(arguments: ISA.available, [1, 3, 15, 16, 17, 64, 130])
    func scansHaveGradients(isa: ISA, n: Int) {
        let head = Head(n), after = (0..<3 * n).map { Float(head.state($0 / n, $0 % n)) }
        var scan = head.scan, slope = head.later, back = scan_back_t()
        var dx = [Float](repeating: 9, count: 3), db = head.start, dc = head.start
        dx.withUnsafeMutableBufferPointer { dx in
            db.withUnsafeMutableBufferPointer { db in
                dc.withUnsafeMutableBufferPointer { dc in
                    (back.x, back.b, back.c) = (dx.baseAddress, db.baseAddress, dc.baseAddress)
                    isa.kernels.scan_back(&slope, &back, head.before, after, head.x, head.dy, head.b, head.c, &scan)
                }
            }
        }
        for row in 0..<3 {
            let through = (0..<n).reduce(0) { $0 + head.slope(row, $1) * Double(head.b[$1]) }
            #expect(close(dx[row], 0.3 * through + 1.5 * Double(head.dy[row]), 1e-4))
            for i in 0..<n { #expect(close(slope[row * n + i], 0.8 * head.slope(row, i))) }
        }
        for i in 0..<n {
            let ofB = (0..<3).reduce(Double(head.start[i])) { $0 + head.slope($1, i) * 0.3 * Double(head.x[$1]) }
            let ofC = (0..<3).reduce(Double(head.start[i])) { $0 + Double(head.dy[$1]) * head.state($1, i) }
            #expect(close(db[i], ofB, 1e-4) && close(dc[i], ofC, 1e-4))
        }
        #expect(close(back.decay, head.sum(n) { head.slope($0, $1) * Double(head.before[$0 * n + $1]) }, 1e-4))
        #expect(close(back.step, head.sum(n) { head.slope($0, $1) * Double(head.b[$1]) * Double(head.x[$0]) }, 1e-4))
        #expect(close(back.skip, (0..<3).reduce(0) { $0 + Double(head.dy[$1]) * Double(head.x[$1]) }))
    }
}
