import Text

extension JSONField {
    /// An array of token ids. It may have millions, so only one that is wrong learns its place.
    func tokens(vocabularySize: Int) throws(JSONError) -> [Int] {
        guard let elements = value?.array else { throw unexpected("an array of token ids") }
        var ids: [Int] = []
        ids.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let id = element.integer, (0..<vocabularySize).contains(id) else {
                throw self[index].unexpected("a token id from 0 to \(vocabularySize - 1)")
            }
            ids.append(id)
        }
        return ids
    }
}
