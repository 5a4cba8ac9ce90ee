"""The relay's HTTP interface, one module for each audience."""
