"""The life of an item: pure rules, with time, ids and randomness as arguments."""
