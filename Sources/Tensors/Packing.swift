import CKernels

extension Tensor {
    /// Whether the tensor is in the panels that the matrix kernels stream.
    public var isPacked: Bool { layout == .panels }

    /// The same matrix in panels of 32 rows, in huge-page memory (DESIGN D2). Weights are packed once, when they are read.
    ///
    /// The shape must be `[outputs, inputs]`, and the dtype a float or quantised type.
    public func packed() -> Tensor {
        guard layout == .rows else { return self }
        guard shape.count == 2, let type = dtype.weight else {
            preconditionFailure("only a matrix of weights can be packed, not \(dtype) \(shape)")
        }
        let panelBytes = panel_bytes(type, shape[1]), panels = panelCount, rowBytes = dtype.bytes(for: shape[1])
        let (storage, offset) = Arena.allocate(panels * panelBytes)
        let (target, source) = (storage.bytes + offset, start)
        parallel(rows: panels, grain: 4) { range, _ in
            for panel in range {
                let rows = min(Int(PANEL_ROWS), shape[0] - panel * Int(PANEL_ROWS))
                let from = source + panel * Int(PANEL_ROWS) * rowBytes
                pack_panel(type, target + panel * panelBytes, from, rowBytes, rows, shape[1])
            }
        }
        return withExtendedLifetime(self.storage) { Tensor(shape, dtype, storage, offset: offset, layout: .panels) }
    }

    var panelCount: Int { (shape[0] + Int(PANEL_ROWS) - 1) / Int(PANEL_ROWS) }

    /// All elements as floats; quantised ones are worked out.
    public var scalars: [Float] {
        [Float](unsafeUninitializedCapacity: shape.elements) { buffer, count in
            for row in 0..<shape.rows { read(row: row, into: buffer.baseAddress! + row * shape.width) }
            count = shape.elements
        }
    }

    /// The elements of an int32 tensor.
    public var integers: [Int32] {
        precondition(dtype == .int32, "expected int32, found \(dtype)")
        return withBytes { Array($0.bindMemory(to: Int32.self)) }
    }

    /// One row as floats.
    package func row(_ index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: shape.width) { buffer, count in
            read(row: index, into: buffer.baseAddress!)
            count = shape.width
        }
    }

    /// Writes one row as floats.
    func read(row: Int, into target: UnsafeMutablePointer<Float>) {
        guard let type = dtype.weight else { preconditionFailure("\(dtype) has no float elements") }
        defer { withExtendedLifetime(storage) {} }
        switch layout {
        case .rows:
            dequantize_row(type, target, start + row * dtype.bytes(for: shape.width), shape.width)
        case .panels:
            let panel = start + row / Int(PANEL_ROWS) * panel_bytes(type, shape.width)
            unpack_panel_row(type, target, panel, row % Int(PANEL_ROWS), shape.width)
        }
    }
}
