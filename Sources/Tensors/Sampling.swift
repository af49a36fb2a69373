import CKernels

/// The index of the first largest value, or nil where every value is NaN or there is none.
public func argmax(_ values: UnsafeBufferPointer<Float>) -> Int? {
    guard let base = values.baseAddress, !values.isEmpty else { return nil }
    let index = Kernel.table.argmax(base, values.count)
    return index < values.count ? Int(index) : nil
}

/// The sum of `exp((value - shift) * factor)` over all values.
public func expSum(_ values: UnsafeBufferPointer<Float>, shift: Float, factor: Float = 1) -> Float {
    guard let base = values.baseAddress, !values.isEmpty else { return 0 }
    return Kernel.table.exp_sum(nil, base, values.count, shift, factor)
}
