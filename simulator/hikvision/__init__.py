"""The wire format of Hikvision recorders: ISAPI over HTTP, and their RTSP addresses."""
