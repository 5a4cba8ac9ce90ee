"""The version of this software, as pyproject.toml has it."""

VERSION = "0.1.0"
