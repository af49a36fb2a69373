public import Foundation
import Store

/// A model that a job of this server made, or a checkpoint of one.
public struct TunedModel: Hashable, Sendable {
    /// What requests call it: `ft:base:yuyan:suffix:id`, a checkpoint with `:ckpt-step-…` after it.
    public let name: String
    /// The model that the job named, and the one at the bottom, which was not made here.
    public let parent: String, root: String
    public let job: String
    /// The step of a checkpoint; nil for the finished model.
    public let step: Int?
    /// Where the trainer left it.
    public let url: URL
    /// In seconds of the Unix epoch.
    public let created: Int

    package init(
        name: String,
        parent: String,
        root: String,
        job: String,
        step: Int? = nil,
        url: URL,
        created: Int
    ) {
        (self.name, self.parent, self.root, self.job) = (name, parent, root, job)
        (self.step, self.url, self.created) = (step, url, created)
    }

    init(_ row: Row) throws {
        name = try row.text("name")
        parent = try row.text("parent")
        root = try row.text("root")
        job = try row.text("job")
        step = try row.optionalInteger("step")
        url = URL(filePath: try row.text("path"))
        created = try row.integer("created_at")
    }
}
