"""Footage made on demand: any instant of any channel, always the same picture."""
