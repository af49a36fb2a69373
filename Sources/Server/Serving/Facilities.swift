/// What every feature is handed.
package struct Facilities: Sendable {
    package let models: any ModelDirectory
    package let workshop: Workshop
    package let ledger: RequestLedger
    package let drain = Drain()
    package let options: ServerOptions
    /// Marks an answer; the text is what its identity begins with.
    package let stamp: @Sendable (String) -> Stamp

    package init(
        models: any ModelDirectory,
        options: ServerOptions,
        stamp: @escaping @Sendable (String) -> Stamp
    ) {
        (self.models, self.options, self.stamp) = (models, options, stamp)
        (workshop, ledger) = (Workshop(), RequestLedger())
    }
}
