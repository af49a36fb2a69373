// Tensors: see STYLE § 3.
