"""Golden cases, one module per room."""
