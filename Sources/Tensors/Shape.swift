/// The extents of a tensor's axes, outermost first: up to four, kept inline so that no op allocates one.
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral {
    public let count: Int
    private let axes: (Int, Int, Int, Int)

    /// The most axes a tensor may have.
    public static let mostAxes = 4

    public init(_ extents: some Collection<Int>) {
        precondition(extents.count <= Shape.mostAxes, "a tensor has at most 4 axes, not \(extents.count)")
        precondition(extents.allSatisfy { $0 >= 0 }, "no axis of \(Array(extents)) may be negative")
        var padded = (1, 1, 1, 1)
        for (axis, extent) in extents.enumerated() { Shape.set(&padded, axis, extent) }
        (count, axes) = (extents.count, padded)
    }

    /// Two axes or three, none of them a list's.
    init(_ a: Int, _ b: Int) {
        precondition(a >= 0 && b >= 0, "no axis of \([a, b]) may be negative")
        self.init(count: 2, axes: (a, b, 1, 1))
    }

    init(_ a: Int, _ b: Int, _ c: Int) {
        precondition(a >= 0 && b >= 0 && c >= 0, "no axis of \([a, b, c]) may be negative")
        self.init(count: 3, axes: (a, b, c, 1))
    }

    private init(count: Int, axes: (Int, Int, Int, Int)) { (self.count, self.axes) = (count, axes) }

    public init(arrayLiteral extents: Int...) { self.init(extents) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// The extent of an axis; negative axes count from the last.
    public subscript(axis: Int) -> Int {
        let axis = axis < 0 ? axis + count : axis
        precondition(axis >= 0 && axis < count, "axis \(axis) is outside a shape of \(count) axes")
        switch axis {
        case 0: return axes.0
        case 1: return axes.1
        case 2: return axes.2
        default: return axes.3
        }
    }

    /// The number of elements.
    public var elements: Int { axes.0 * axes.1 * axes.2 * axes.3 }

    /// The number of rows: the product of all axes but the last.
    public var rows: Int {
        switch count {
        case 0, 1: 1
        case 2: axes.0
        case 3: axes.0 * axes.1
        default: axes.0 * axes.1 * axes.2
        }
    }

    /// The extent of the last axis, 1 for a scalar.
    public var width: Int { count == 0 ? 1 : self[count - 1] }

    /// The same shape with another last axis.
    func replacingWidth(_ width: Int) -> Shape {
        precondition(width >= 0, "no axis may be \(width) long")
        var changed = axes
        Shape.set(&changed, Swift.max(count - 1, 0), width)
        return Shape(count: Swift.max(count, 1), axes: changed)
    }

    public static func == (a: Shape, b: Shape) -> Bool { a.count == b.count && a.axes == b.axes }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for extent in self { hasher.combine(extent) }
    }

    private static func set(_ axes: inout (Int, Int, Int, Int), _ axis: Int, _ extent: Int) {
        switch axis {
        case 0: axes.0 = extent
        case 1: axes.1 = extent
        case 2: axes.2 = extent
        default: axes.3 = extent
        }
    }
}

extension Shape: CustomStringConvertible {
    public var description: String { "\(Array(self))" }
}
