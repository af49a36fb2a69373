import Training

/// A plan as a person reads it.
enum PlanTable {
    static func rows(_ plan: RunPlan) -> [[String]] {
        var rows = [
            ["network", "\(Figures.count(plan.parameters)) parameters are learnt" + frozen(plan)],
            [
                "text",
                "\(plan.documents) documents, \(Figures.count(plan.tokensPerEpoch)) tokens an epoch" + rejected(plan),
            ],
            ["steps", "\(plan.steps), \(plan.tokensPerStep) tokens each"],
        ]
        if let problem = plan.ggufProblem { rows.append(["note", problem]) }
        rows.append(["memory", memory(plan.memory)])
        if let available = plan.available { rows.append(["", "\(Figures.bytes(available)) are free on this machine"]) }
        guard let trial = plan.trial, let seconds = plan.seconds, let rate = plan.tokensPerSecond else { return rows }
        rows.append(["", "\(Figures.bytes(trial.peak)) were resident at most in the trial"])
        rows.append(["speed", "\(Int(rate)) tokens a second"])
        rows.append(["time", Figures.duration(seconds)])
        return rows
    }

    /// Every setting that holds; a dot marks what the file says.
    static func settings(_ configuration: RunConfiguration) -> String {
        Figures.table(configuration.lines.map { [$0.isDefault ? " " : "•", $0.key, $0.value] })
    }

    private static func frozen(_ plan: RunPlan) -> String {
        plan.frozen > 0 ? ", \(Figures.count(plan.frozen)) stay as they are" : ""
    }

    private static func rejected(_ plan: RunPlan) -> String {
        plan.rejected > 0 ? ", \(plan.rejected) rows set aside" : ""
    }

    private static func memory(_ memory: MemoryPlan) -> String {
        let parts = [
            ("parameters", memory.parameters), ("gradient", memory.gradient), ("optimiser", memory.optimizer),
            ("average", memory.average), ("frozen", memory.frozen), ("copies", memory.working),
            ("activations", memory.activations), ("a checkpoint being written", memory.checkpoint),
            ("the program", memory.process),
        ]
        let told = parts.filter { $0.1 > 0 }.map { "\($0.0) \(Figures.bytes($0.1))" }.joined(separator: " + ")
        return "about \(Figures.bytes(memory.total)): \(told)"
    }
}
