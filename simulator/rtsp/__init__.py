"""An RTSP server for simulated recorders: live and playback, interleaved in TCP."""
