/// How many tokens may follow a prompt. What does not fit is refused with the numbers; nothing is cut off silently.
package struct ContextBudget: Sendable {
    /// Nil: as many as the context still holds.
    package let maxTokens: Int?

    /// - Parameter param: the field that held the prompt.
    package init(prompt: Int, wanted: Int?, of model: any GenerativeModel, param: String) throws(APIError) {
        let limit = model.card.contextLength
        guard prompt > 0 else { throw .invalid(param, "'\(param)' has no tokens.", code: "invalid_value") }
        guard prompt <= (wanted == 0 ? limit : limit - 1) else {
            throw .tooLong(prompt: prompt, completion: nil, limit: limit, param: param)
        }
        if let wanted, wanted > limit - prompt {
            throw .tooLong(prompt: prompt, completion: wanted, limit: limit, param: param)
        }
        maxTokens = wanted
    }
}
