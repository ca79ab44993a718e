"""Start of a worker process: ``python -I <this file>``.

Isolated mode knows neither Home Assistant's ``deps`` folder nor this integration, and it must not get
the folder of the integration on its path, whose modules carry names of the standard library
(``calendar``, ``select``). So the parent sends its own ``sys.path`` in the first frame, and this package is loaded
from its files under a name of its own.
"""

import importlib.util
import json
from pathlib import Path
import struct
import sys
from types import ModuleType

_PACKAGE = "nvr_footage_worker"
_HEADER = struct.Struct(">cI")
_HELLO = b"H"
_MAX_HELLO_BYTES = 1 << 20


def _search_path() -> list[str]:
    """Read the first frame. It is read here by hand because the package can't be loaded before."""
    kind, length = _HEADER.unpack(sys.stdin.buffer.read(_HEADER.size))
    if kind != _HELLO or length > _MAX_HELLO_BYTES:
        raise SystemExit(2)
    hello = json.loads(sys.stdin.buffer.read(length))
    return [entry for entry in hello["path"] if isinstance(entry, str)]


def _load_package() -> ModuleType:
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(2)
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    return package


def main() -> None:
    """Take over the parent's search path and serve jobs until standard input ends."""
    known = set(sys.path)
    sys.path.extend(entry for entry in _search_path() if entry not in known)
    _load_package()
    service = importlib.import_module(f"{_PACKAGE}.service")
    service.serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
