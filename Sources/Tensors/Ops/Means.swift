import CKernels
import Foundation

/// The mean of some rows of `x` `[rows, width]`, for each of several ranges: `[ranges, width]`. It has no gradient.
public func means(_ x: Tensor, of ranges: [Range<Int>]) -> Tensor {
    let width = x.shape.width, source = x.floats
    return Tensor([ranges.count, width]) { target in
        for (index, range) in ranges.enumerated() {
            let y = target + index * width
            y.update(repeating: 0, count: width)
            for row in range { Kernel.table.add_scaled(y, source + row * width, 1, width) }
            Kernel.table.scale(y, y, 1 / Float(max(1, range.count)), width)
        }
        withExtendedLifetime(x) {}
    }
}

/// The hyperbolic tangent of each element. It has no gradient.
public func tanh(_ x: Tensor) -> Tensor { Tensor(x.scalars.map { Foundation.tanh($0) }, shape: x.shape) }
