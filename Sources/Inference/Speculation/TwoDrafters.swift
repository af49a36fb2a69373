/// Looks up what it can, and asks the draft model where that promises more.
package struct TwoDrafters: Drafter {
    private var lookup: PromptLookup
    private let model: ModelDrafter

    package init(_ lookup: PromptLookup, _ model: ModelDrafter) { (self.lookup, self.model) = (lookup, model) }

    package mutating func append(_ token: Int32) {
        lookup.append(token)
        model.append(token)
    }

    package func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        let before = draft.count
        if lookup.prospect >= model.prospect(stakes) { lookup.draft(room, &stakes, into: &draft) }
        if draft.count == before { model.draft(room, &stakes, into: &draft) }
        if draft.count == before { lookup.draft(room, &stakes, into: &draft) }
    }
}
