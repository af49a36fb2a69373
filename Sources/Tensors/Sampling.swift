import CKernels

/// The index of the first largest value, or nil where every value is NaN or there is none.
public func argmax(_ values: UnsafeBufferPointer<Float>) -> Int? {
    guard let base = values.baseAddress, !values.isEmpty else { return nil }
    let index = Kernel.table.argmax(base, values.count)
    return index < values.count ? Int(index) : nil
}

/// The sum of `exp((value - shift) * factor)` over all values, in an order that depends on their number alone.
///
/// - Parameter target: gets the terms; as long as `values`.
public func expSum(
    _ values: UnsafeBufferPointer<Float>,
    shift: Float,
    factor: Float = 1,
    into target: UnsafeMutableBufferPointer<Float>? = nil
) -> Double {
    precondition(target == nil || target?.count == values.count, "expSum: \(values.count) values")
    var sum = 0.0
    for start in stride(from: 0, to: values.count, by: 4096) {  // few enough that float holds their sum
        let count = min(4096, values.count - start), part = target?.baseAddress.map { $0 + start }
        sum += Double(Kernel.table.exp_sum(part, values.baseAddress! + start, count, shift, factor))
    }
    return sum
}
