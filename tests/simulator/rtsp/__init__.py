"""The simulator's RTSP server, asked by clients that others wrote."""
