// Inference: see STYLE § 3.
