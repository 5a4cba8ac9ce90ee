"""Custody evidence: the log's tree, tiles, checkpoints, proofs and entries, as pure functions over bytes."""
