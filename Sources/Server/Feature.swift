package import Hummingbird

/// A slice of the server: the routes of one folder.
package protocol Feature: Sendable {
    func mount(on router: RouterGroup<AppContext>)
}
