import CKernels

/// A weight `[outputs, inputs]` of any dtype, and perhaps a bias `[outputs]`.
public struct AffineMap: Sendable {
    public let weight: Tensor
    public let bias: Tensor?

    public init(_ weight: Tensor, bias: Tensor? = nil) {
        precondition(weight.shape.count == 2, "a weight is a matrix, not \(weight.shape)")
        precondition(bias == nil || bias?.shape == [weight.shape[0]], "bias \(bias!.shape) of weight \(weight.shape)")
        (self.weight, self.bias) = (weight, bias)
    }
}

/// Returns `x · weightᵀ + bias`, for a weight of any dtype; `x` is `[…, inputs]`, the result `[…, outputs]`.
///
/// For a quantised weight, `x` is rounded to 8 bits with a scale for each 32 values. Each row of the result depends on that
/// row of `x` alone, to the bit.
public func linear(_ x: Tensor, _ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    linear(x, [AffineMap(weight, bias: bias)])[0]
}

/// Returns `x · weightᵀ + bias` for several maps of one `x`, which is rounded and read only once.
public func linear(_ x: Tensor, _ maps: [AffineMap]) -> [Tensor] {
    let packed = maps.map { Panels($0, inputs: x.shape.width) }
    let results = packed.map {
        Tensor(x.shape.replacingWidth($0.outputs), .float32, Storage($0.outputs * x.shape.rows * 4))
    }
    let rows = x.shape.rows
    let inputs = Inputs(x, for: packed.map(\.weight.dtype))
    let ends = packed.reduce(into: []) { $0.append(($0.last ?? 0) + $1.count) }
    parallel(rows: ends.last ?? 0, grain: rows == 1 ? 4 : 1) { range, thread in
        for index in range {
            let map = ends.firstIndex { index < $0 }!
            let panel = index - (map == 0 ? 0 : ends[map - 1])
            packed[map].multiply(panel, inputs, rows: rows, into: results[map].floats, thread: thread)
        }
    }
    return results
}

/// A map in panels, ready for the kernels.
private struct Panels {
    let weight: Tensor, bias: Tensor?, type: weight_t, panelBytes: Int

    init(_ map: AffineMap, inputs: Int) {
        guard let type = map.weight.dtype.weight else {
            preconditionFailure("linear: no weight of \(map.weight.dtype)")
        }
        precondition(map.weight.shape[1] == inputs, "linear: \(inputs) inputs do not fit weight \(map.weight.shape)")
        (weight, bias, self.type) = (map.weight.packed(), map.bias, type)
        panelBytes = panel_bytes(type, inputs)
    }

    var outputs: Int { weight.shape[0] }
    var count: Int { weight.panelCount }

    func multiply(
        _ index: Int,
        _ x: Inputs,
        rows: Int,
        into y: UnsafeMutablePointer<Float>,
        thread: Int
    ) {
        let first = index * Int(PANEL_ROWS), columns = min(Int(PANEL_ROWS), outputs - first), k = weight.shape[1]
        let panel = weight.start + index * panelBytes, bias = bias.map { UnsafePointer($0.floats + first) }
        if weight.dtype.isQuantized {
            let scratch = Threads.scratch(thread)
            let tiles = x.tiles!.bytes
            Kernel.table.panel_quantized(type, y + first, outputs, panel, tiles, rows, k, columns, bias, scratch)
        } else if weight.dtype == .bfloat16, let halves = x.halves {
            Kernel.table.panel_bfloat(y + first, outputs, panel, halves.pointer, k + k % 2, rows, k, columns, bias)
        } else {
            Kernel.table.panel_float(type, y + first, outputs, panel, x.floats.floats, k, rows, k, columns, bias)
        }
    }
}

/// The rows of `x` in the forms that the weights' kernels read.
private struct Inputs {
    let floats: Tensor, tiles, halves: Storage?

    init(_ x: Tensor, for dtypes: [DType]) {
        floats = x
        tiles = dtypes.contains(where: \.isQuantized) ? Inputs.tiles(x) : nil
        halves = dtypes.contains(.bfloat16) && Kernel.table.panel_bfloat != nil ? Inputs.halves(x) : nil
    }

    /// int8 with scales, in the tiles that the kernels read.
    private static func tiles(_ x: Tensor) -> Storage {
        let k = x.shape.width, rows = x.shape.rows, height = Kernel.table.tile_rows, rowBytes = activation_bytes(k)
        let tiles = Storage(rowBytes * rows), source = x.floats
        parallel(rows: (rows + height - 1) / height, grain: 4) { range, _ in
            for tile in range {
                let first = tile * height, count = min(height, rows - first)
                Kernel.table.quantize_tile(tiles.bytes + first * rowBytes, source + first * k, k, count, k)
            }
        }
        return tiles
    }

    /// bfloat16, each row padded to an even number.
    private static func halves(_ x: Tensor) -> Storage {
        let k = x.shape.width, stride = k + k % 2, source = x.floats
        let halves = Storage(x.shape.rows * stride * 2)
        parallel(rows: x.shape.rows, grain: 16) { rows, _ in
            for row in rows { Kernel.table.round_to_bfloat(halves.pointer + row * stride, source + row * k, k) }
        }
        return halves
    }
}

extension Storage {
    fileprivate var pointer: UnsafeMutablePointer<UInt16> { bytes.assumingMemoryBound(to: UInt16.self) }
}
