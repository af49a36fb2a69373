import CKernels

/// A packed weight and its bias in plain values, told once: who multiplies counts no references. They live as long as their map.
struct PackedMap: @unchecked Sendable {
    let start: UnsafeMutableRawPointer, type: weight_t, panels, panelBytes, inputs, outputs: Int
    let bias: UnsafePointer<Float>?, isQuantized: Bool

    init(_ weight: Tensor, _ bias: Tensor?) {
        guard let type = weight.dtype.weight else { preconditionFailure("linear: no weight of \(weight.dtype)") }
        (outputs, inputs) = (weight.shape[0], weight.shape[1])
        (start, self.type, panels, panelBytes) = (weight.start, type, weight.panelCount, panel_bytes(type, inputs))
        self.bias = bias.map { UnsafePointer($0.floats) }
        isQuantized = weight.dtype.isQuantized
    }
}

/// One product, in plain values: the threads share it without counting references.
struct Product {
    let map: PackedMap, rows: Int, y: UnsafeMutablePointer<Float>
    let floats: UnsafePointer<Float>, tiles: UnsafeRawPointer?, halves: UnsafePointer<UInt16>?

    /// - Parameters:
    ///   - map: what it was made of must live until the product has been worked out, and so must `x`.
    ///   - rows: of `x`.
    init(_ map: PackedMap, _ x: Inputs, rows: Range<Int>, into y: UnsafeMutablePointer<Float>) {
        let inputs = x.floats.shape.width, first = rows.lowerBound
        precondition(map.inputs == inputs, "linear: \(inputs) inputs do not fit weight \([map.outputs, map.inputs])")
        (self.map, self.rows, self.y) = (map, rows.count, y)
        floats = UnsafePointer(x.floats.floats) + first * inputs
        tiles = map.isQuantized ? x.tiles.map { UnsafeRawPointer($0.bytes) + first * activation_bytes(inputs) } : nil
        let isHalved = map.type == WEIGHT_BF16
        halves = isHalved ? x.halves.map { UnsafePointer($0.pointer) + first * (inputs + inputs % 2) } : nil
    }

    func multiply(_ index: Int) {
        let first = index * Int(PANEL_ROWS), columns = min(Int(PANEL_ROWS), map.outputs - first), k = map.inputs
        let panel = map.start + index * map.panelBytes, bias = map.bias.map { $0 + first }
        if let tiles {
            Kernel.table.panel_quantized(map.type, y + first, map.outputs, panel, tiles, rows, k, columns, bias)
        } else if let halves {
            Kernel.table.panel_bfloat(y + first, map.outputs, panel, halves, k + k % 2, rows, k, columns, bias)
        } else {
            Kernel.table.panel_float(map.type, y + first, map.outputs, panel, floats, k, rows, k, columns, bias)
        }
    }
}

/// Works all panels of all products out, on all threads.
func multiply(_ products: UnsafeBufferPointer<Product>) {
    let panels = products.reduce(0) { $0 + $1.map.panels }
    parallel(rows: panels, grain: 1, reading: reading(products)) { range, _ in
        for index in range {
            var which = 0, panel = index
            while panel >= products[which].map.panels {
                (panel, which) = (panel - products[which].map.panels, which + 1)
            }
            products[which].multiply(panel)
        }
    }
}

/// What several products read, where they are the same at each step, as those of a mixture's experts are not.
private func reading(_ products: UnsafeBufferPointer<Product>) -> reading_t? {
    guard products.count <= Int(READING_PARTS) else { return nil }
    var reading = reading_t()
    for (part, product) in products.enumerated() {
        reading_add(&reading, Int32(part), product.map.start, product.map.panelBytes, product.map.panels)
    }
    return reading
}

/// The rows of `x` in the forms that the weights' kernels read.
struct Inputs {
    let floats: Tensor, tiles, halves: Storage?

    init(_ x: Tensor, of groups: some Collection<RowGroup>) {
        var isRounded = false, isHalved = false
        for group in groups {
            for place in group.maps.indices where !group.maps[place].weight.isPlain {
                let dtype = group.maps[place].weight.dtype
                isRounded = isRounded || dtype.isQuantized
                isHalved = isHalved || dtype == .bfloat16
            }
        }
        floats = x
        tiles = isRounded ? Inputs.tiles(x, groups) : nil
        halves = isHalved && Kernel.table.panel_bfloat != nil ? Inputs.halves(x) : nil
    }

    /// int8 with scales, in the tiles that the kernels read; each group's rows begin one.
    private static func tiles(_ x: Tensor, _ groups: some Collection<RowGroup>) -> Storage {
        if groups.count == 1, let rounded = x.rounded { return rounded.tiles }
        let rounded = RoundedRows(x.shape.rows, x.shape.width), source = x.floats
        if groups.count == 1, let rows = groups.first?.rows {
            let grain = max(1, leastRounded / (RoundedRows.height * x.shape.width))
            parallel(rows: RoundedRows.tiles(of: rows.count), grain: grain) { range, _ in
                rounded.round(range, of: rows, source)
            }
        } else {
            let parts = groups.map(\.rows)
            parallel(rows: parts.count, grain: max(1, leastRounded / x.shape.width)) { range, _ in
                for rows in parts[range] { rounded.round(0..<RoundedRows.tiles(of: rows.count), of: rows, source) }
            }
        }
        return rounded.tiles
    }

    /// Elements that are worth handing to another thread.
    private static let leastRounded = 8192

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
