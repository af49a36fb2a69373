public import Tensors
public import Testing

/// Expects two tensors of equal shape to agree within an absolute plus a relative tolerance.
public func expectClose(
    _ actual: Tensor,
    _ expected: Tensor,
    absolute: Float = 1e-5,
    relative: Float = 1e-4,
    _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    guard actual.shape == expected.shape else { return }
    let (a, b) = (actual.scalars, expected.scalars)
    let worst = a.indices.max { error(a[$0], b[$0], relative) < error(a[$1], b[$1], relative) }
    guard let worst, !(error(a[worst], b[worst], relative) <= absolute) else { return }
    Issue.record("\(name)[\(worst)] is \(a[worst]), not \(b[worst])", sourceLocation: sourceLocation)
}

/// How far `a` is from `b` beyond the relative tolerance; infinite where it is not a number.
private func error(_ a: Float, _ b: Float, _ relative: Float) -> Float {
    if a == b { return 0 }
    let error = abs(a - b) - relative * abs(b)
    return error.isNaN ? .infinity : error
}

/// The cosine of the angle between two vectors.
public func cosine(_ a: [Float], _ b: [Float]) -> Double {
    func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
}
