// Checkpoints: see STYLE § 3.
