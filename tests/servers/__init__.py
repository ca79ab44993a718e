"""Servers that others wrote, for the drivers to meet."""
