"""A real Home Assistant with recorders in it, for trying, showing and proving the integration.

Everything runs on loopback, on ports that are free at that moment, below one temporary folder:
the simulated recorders, go2rtc, and a Home Assistant that holds a copy of the integration as HACS
would have put it there. Whatever way it ends, no process and no folder stays.
"""
