"""The Hikvision face, over real sockets and beside the answers of real devices."""
