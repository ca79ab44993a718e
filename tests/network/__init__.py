"""Recorders and who looks for them, each a machine of its own on a network of their own."""
