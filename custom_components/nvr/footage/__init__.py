"""From a recorder's bytes to something that plays: clips, playback and pictures.

Nothing here knows Home Assistant or a vendor. Bytes of a device are read only in worker processes
(``worker/``), so that bytes made to harm can at worst end one worker.
"""
