"""What the import contracts can't say: who may commit, and that nothing happens at import."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for folder in ("shared", "services", "deploy") for path in (ROOT / folder).rglob("*.py")]


def test_nobody_commits_by_hand() -> None:
    """Transactions end with their block: `Database.transaction`, a connection's `begin`."""
    sources = [path for path in SOURCES if "versions" not in path.parts]
    assert len(sources) > 100
    assert [str(path.relative_to(ROOT)) for path in sources if ".commit(" in path.read_text()] == []


def test_importing_a_service_opens_nothing_and_reads_no_environment() -> None:
    """In a process without any of our variables, with sockets refused."""
    program = (
        "import os, socket\n"
        "for name in [n for n in os.environ if n.startswith('SCORE_')]: del os.environ[name]\n"
        "def refuse(*_, **__): raise AssertionError('a connection at import')\n"
        "socket.socket.connect = refuse\n"
        "import services.enterprise_svc.main, services.training_svc.main, services.metrics_svc.main, services.gateway.main\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
