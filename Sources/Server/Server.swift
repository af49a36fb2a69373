// Server: see STYLE § 3.
