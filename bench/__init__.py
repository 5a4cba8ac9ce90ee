"""How fast the relay is (DESIGN.md §10): each figure beside a baseline that is taken in the same run."""
