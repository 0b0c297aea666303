"""Faults while runs are written and followed, with real processes: seeded rounds of them."""
