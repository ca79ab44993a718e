"""Devices are found in the network by asking it: WS-Discovery, SADP and DHDiscover.

Nothing below this package imports Home Assistant, and nothing but inquiries is ever sent. Anybody may
answer, and say anything: what is found is a hint until the device itself was asked.
"""
