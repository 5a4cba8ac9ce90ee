"""How one relay is set up: its settings and its diagnostics."""
