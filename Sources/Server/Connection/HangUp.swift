/// The end of a client's side of its connection.
///
/// A client that waits silently for its answer can go away at any time; nobody would notice before the next write, and
/// the engine would work for nobody. The connection's ``ConnectionGuard`` sees the end of its input and tells of it here.
enum HangUp {
    /// That of the connection on which the present request came.
    @TaskLocal static var current: Occurrence?
}
