import Hummingbird
import Store

/// Which part of a list is asked for, as OpenAI's lists have it: `limit`, `after`, `order`.
package struct Cursor: Sendable {
    package var limit: Int
    /// The identity of the last one that the client has.
    package var after: String?
    package var isAscending = false

    package init(limit: Int, after: String? = nil, isAscending: Bool = false) {
        (self.limit, self.after, self.isAscending) = (limit, after, isAscending)
    }

    /// - Parameter standard: the limit where the request names none.
    init(_ request: Request, standard: Int, maximum: Int = 10_000) throws(APIError) {
        let query = request.uri.queryParameters
        limit = standard
        if let text = query["limit"] {
            guard let number = Int(text), (1...maximum).contains(number) else {
                throw .invalid("limit", "'limit' must be between 1 and \(maximum), not '\(text.prefix(40))'.")
            }
            limit = number
        }
        after = query["after"].map(String.init)
        guard let order = query["order"] else { return }
        guard ["asc", "desc"].contains(order) else {
            throw .invalid("order", "'order' must be 'asc' or 'desc', not '\(order.prefix(40))'.")
        }
        isAscending = order == "asc"
    }

    var direction: String { isAscending ? "ASC" : "DESC" }

    func condition(_ column: String, _ parameter: String) -> String {
        "\(column) \(isAscending ? ">" : "<") \(parameter)"
    }

    /// The number after which the page begins.
    func position(in table: String, _ transaction: any Transaction) throws -> Int {
        guard let after else { return isAscending ? .min : .max }
        guard let row = try transaction.row("SELECT number FROM \(table) WHERE id = $1", [.text(after)]) else {
            throw APIError.invalid("after", "'after' is '\(after.prefix(80))', and there is no such thing here.")
        }
        return try row.integer("number")
    }

    /// What was asked for, and whether there is more.
    package struct Slice<Element: Sendable>: Sendable {
        package var elements: [Element]
        package var hasMore: Bool
    }

    /// - Parameter found: one more than the limit, if there are so many.
    func slice<Element: Sendable>(_ found: some Sequence<Element>) -> Slice<Element> {
        let found = Array(found.prefix(limit + 1))
        return Slice(elements: Array(found.prefix(limit)), hasMore: found.count > limit)
    }
}

extension Response {
    /// A list as OpenAI writes it.
    init<Element: Sendable>(
        _ slice: Cursor.Slice<Element>,
        id: (Element) -> String,
        _ members: (Element, inout JSONWriter) -> Void
    ) {
        self.init { writer in
            writer.field("object", "list")
            writer.member("data") { writer in
                writer.array(slice.elements) { writer, element in writer.object { members(element, &$0) } }
            }
            writer.field("first_id", slice.elements.first.map(id))
            writer.field("last_id", slice.elements.last.map(id))
            writer.field("has_more", slice.hasMore)
        }
    }
}
