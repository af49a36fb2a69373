/// What one rendering may use up, so that a template from a model file can neither hang nor exhaust memory.
public struct TemplateLimits: Sendable {
    /// Expressions evaluated and elements visited.
    public var steps = 5_000_000
    /// Bytes of text made or searched, the output included.
    public var bytes = 1 << 28
    /// How deep blocks, expressions and calls may nest, and lists within lists.
    public var depth = 200

    public init() {}
}

/// What is left of the limits.
struct Budget {
    private let limits: TemplateLimits
    private var steps: Int
    private var bytes: Int
    private var depth = 0

    init(_ limits: TemplateLimits) {
        self.limits = limits
        steps = limits.steps
        bytes = limits.bytes
    }

    @inline(__always)
    mutating func spend(steps count: Int) throws {
        steps -= count
        if steps < 0 { throw TemplateError.limit("it takes more than \(limits.steps) steps") }
    }

    @inline(__always)
    mutating func spend(bytes count: Int) throws {
        bytes -= count
        if bytes < 0 { throw TemplateError.limit("it handles more than \(limits.bytes) bytes of text") }
    }

    /// For work that repeats `count` times what takes `each`; the product must not overflow.
    mutating func spend(bytes each: Int, times count: Int) throws {
        let (product, overflow) = each.multipliedReportingOverflow(by: max(count, 0))
        try spend(bytes: overflow ? limits.bytes + 1 : product)
    }

    mutating func enter(_ levels: Int) throws {
        depth += levels
        if depth > limits.depth { throw TemplateError.limit("it nests deeper than \(limits.depth) levels") }
    }

    mutating func leave(_ levels: Int) { depth -= levels }
}
