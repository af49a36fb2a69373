// TestSupport: see STYLE § 3.
