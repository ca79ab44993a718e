"""Hikvision recorders and cameras, and the brands that resell them, over ISAPI."""
