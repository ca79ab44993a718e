"""How firmwares differ, by noun: each trait has a well-behaved default.

`simulator.onvif.firmware.Firmware` joins them; a personality names those that it lacks manners in.
"""
