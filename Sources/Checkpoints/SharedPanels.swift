import Synchronization
import Tensors

/// The panels of files' matrices, as long as anybody holds them: a server and a trainer of one file have them once.
enum SharedPanels {
    private struct Place: Hashable {
        let file: MappedFile.Identity, offset: Int, dtype: DType, shape: Shape
        /// Some bytes: a file's number and times may come again.
        let sample: [UInt8]

        init(_ matrix: Tensor, in file: MappedFile) {
            (self.file, dtype, shape) = (file.identity, matrix.dtype, matrix.shape)
            (offset, sample) = matrix.withBytes { bytes in
                (file.offset(of: bytes), stride(from: 0, to: bytes.count, by: bytes.count / 32 + 1).map { bytes[$0] })
            }
        }
    }

    private static let known = Mutex<[Place: WeakTensor]>([:])

    /// A matrix in panels. What was read of its file for them is given back to the system.
    static func panels(of matrix: Tensor) -> Tensor {
        guard !matrix.isPacked, let file = matrix.owner as? MappedFile else { return matrix.packed() }
        let place = Place(matrix, in: file)
        if let panels = known.withLock({ $0[place]?.tensor }) { return panels }
        let panels = matrix.packed()
        matrix.withBytes { file.forget($0) }
        known.withLock { $0[place] = WeakTensor(panels) }
        return panels
    }
}
