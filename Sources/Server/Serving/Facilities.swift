/// What every feature is handed.
package struct Facilities: Sendable {
    package let models: any ModelDirectory
    package let workshop: Workshop
    package let ledger: RequestLedger
    package let options: ServerOptions

    package init(models: any ModelDirectory, workshop: Workshop, ledger: RequestLedger, options: ServerOptions) {
        (self.models, self.workshop, self.ledger, self.options) = (models, workshop, ledger, options)
    }
}
