"""A small RTSP 1.0 client (RFC 2326) for what recorders play: one TCP connection, RTP interleaved."""
