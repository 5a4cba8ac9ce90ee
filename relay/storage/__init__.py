"""Rows: what the relay keeps, in SQLite or PostgreSQL."""
