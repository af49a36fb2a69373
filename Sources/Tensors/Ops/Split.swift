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
