/// Cuts the last axis of `x` `[…, width]` into equal parts, each `[…, width / count]`.
public func split(_ x: Tensor, into count: Int) -> [Tensor] {
    precondition(count > 0 && x.shape.width % count == 0, "split: \(x.shape) has no \(count) equal parts")
    let width = x.shape.width / count, source = x.floats
    return (0..<count).map { part in
        let y = Tensor(x.shape.replacingWidth(width)) { target in
            parallel(rows: x.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
                for row in rows {
                    (target + row * width).update(from: source + (row * count + part) * width, count: width)
                }
            }
        }
        return withExtendedLifetime(x) { y.made(from: [x]) { [widened($0, part: part, of: count)] } }
    }
}

/// Cuts the last axis of `x` `[…, width]` into parts of these widths, which together are its own.
public func split(_ x: Tensor, widths: [Int]) -> [Tensor] {
    precondition(widths.reduce(0, +) == x.shape.width, "split: \(x.shape) into \(widths)")
    let whole = x.shape.width, rows = x.shape.rows, source = x.floats
    var start = 0
    return widths.map { width in
        let first = start
        start += width
        let y = Tensor(x.shape.replacingWidth(width)) { target in
            parallel(rows: rows, grain: max(1, 16384 / max(width, 1))) { range, _ in
                for row in range { (target + row * width).update(from: source + row * whole + first, count: width) }
            }
        }
        return withExtendedLifetime(x) { y.made(from: [x]) { [padded($0, from: first, to: whole)] } }
    }
}

/// Rows with zeros before and after them.
private func padded(_ x: Tensor, from first: Int, to whole: Int) -> Tensor {
    let width = x.shape.width, source = x.floats
    return Tensor(x.shape.replacingWidth(whole)) { target in
        for row in 0..<x.shape.rows {
            (target + row * whole).update(repeating: 0, count: whole)
            (target + row * whole + first).update(from: source + row * width, count: width)
        }
        withExtendedLifetime(x) {}
    }
}

/// Lays parts of equal rows side by side: `[…, Σ width]`.
public func joined(_ parts: [Tensor]) -> Tensor {
    guard let first = parts.first else { preconditionFailure("joined: nothing") }
    let rows = first.shape.rows, widths = parts.map(\.shape.width), whole = widths.reduce(0, +)
    precondition(parts.allSatisfy { $0.shape.rows == rows }, "joined: rows differ")
    let y = Tensor(first.shape.replacingWidth(whole)) { target in
        var start = 0
        for part in parts {
            let width = part.shape.width, source = part.floats
            for row in 0..<rows { (target + row * whole + start).update(from: source + row * width, count: width) }
            start += width
        }
    }
    return withExtendedLifetime(parts) {
        y.made(from: parts) { gradient in
            zip(split(gradient, widths: widths), parts).map { $0.reshaped(to: $1.shape) }
        }
    }
}

/// The gradient of a part, with zeros where the others are.
private func widened(_ gradient: Tensor, part: Int, of count: Int) -> Tensor {
    let width = gradient.shape.width, source = gradient.floats
    return Tensor(gradient.shape.replacingWidth(count * width)) { target in
        parallel(rows: gradient.shape.rows, grain: max(1, 16384 / max(width, 1))) { rows, _ in
            for row in rows {
                let y = target + row * count * width
                y.update(repeating: 0, count: count * width)
                (y + part * width).update(from: source + row * width, count: width)
            }
        }
        withExtendedLifetime(gradient) {}
    }
}
