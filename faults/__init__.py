"""Everything that can go wrong, done on purpose to a real installation, and what is left of it."""
