"""How firmwares of one maker differ, by noun: each trait has a well-behaved default.

`simulator.dahua.firmware.Firmware` joins them; a personality names those that it lacks manners in.
"""
