// Text: see STYLE § 3.
