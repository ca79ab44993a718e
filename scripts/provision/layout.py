"""Where set-up puts things; everything private is below `.tools`, which git ignores."""

from pathlib import Path
import tempfile

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
TOOLS_BIN = TOOLS / "bin"
STATE_FILE = TOOLS / "setup.json"
LOCK_FILE = TOOLS / "setup.lock"
VENV = ROOT / ".venv"
HOME_ASSISTANT_VENV = TOOLS / "ha-venv"
OTHERS_VENV = TOOLS / "others-venv"
REQUIREMENTS = ROOT / "requirements"
PRIVATE_PYTHON = TOOLS / "python"


def publish(name: str, program: Path) -> None:
    """Make `program` reachable as `.tools/bin/<name>`, whatever stood there before.

    Several processes may do so at once, and find it there at any moment in between.
    """
    link = TOOLS_BIN / name
    if program == link:
        return
    TOOLS_BIN.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=TOOLS_BIN)) / name
    fresh.symlink_to(program)
    fresh.replace(link)
    fresh.parent.rmdir()
