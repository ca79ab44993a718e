"""The fault run: that it finds what it looks for, and that it finds nothing."""
