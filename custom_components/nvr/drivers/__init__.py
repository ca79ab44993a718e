"""Drivers speak to recorders.

Nothing below this package imports Home Assistant. A driver turns what a device says into the
vendor-neutral words of ``models`` and its refusals into ``errors``.
"""
