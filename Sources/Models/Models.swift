// Models: see STYLE § 3.
