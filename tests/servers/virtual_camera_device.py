"""Serves ipycam's ONVIF services alone, without its pictures; runs in `.tools/others-venv`.

Arguments: user and password. Prints the port on which it listens.
"""

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

# It draws its pictures with OpenCV, of which its services have no need.
sys.modules["cv2"] = ModuleType("cv2")
ipycam = importlib.import_module("ipycam")
camera = importlib.import_module("ipycam.camera")


def main(user: str, password: str) -> None:
    """Serve until it is killed."""
    handler: Any = ipycam.IPCameraHTTPHandler
    server = camera.ReusableThreadingTCPServer(("127.0.0.1", 0), handler)
    port = server.server_address[1]
    config = ipycam.CameraConfig(
        name="Virtual",
        local_ip="127.0.0.1",
        onvif_port=port,
        username=user,
        password=password,
    )
    handler.camera = SimpleNamespace(config=config, onvif=ipycam.ONVIFService(config, None))
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.serve_forever()


main(*sys.argv[1:])
