"""The makers, each in a module of its name."""
