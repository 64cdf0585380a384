"""Ports on this machine."""

import errno
import random
import socket

from deploy.local.given import Given, bracketed
from deploy.local.home import Trouble

# below those that the system gives to outgoing connections: one of these might sit on ours while a process is started again
OURS = range(15_000, 32_000)


def free_ports(count: int, given: Given) -> list[int]:
    """Other than the gateway's, on which nobody listens yet."""
    found: list[int] = []
    for port in random.sample(OURS, len(OURS)):
        if port != given.port and is_free("127.0.0.1", port):
            found.append(port)
        if len(found) == count:
            return found
    raise Trouble("There is no free port on 127.0.0.1.")


def is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def insist_on(given: Given) -> None:
    """Raises `Trouble` unless the gateway's port can be had."""
    place = f"{bracketed(given.host)}:{given.port}"
    try:
        free = is_free(given.host, given.port)
    except OSError as error:
        raise Trouble(f"{place} (SCORE_HOST, SCORE_PORT) can't be listened on: {error.strerror}.") from error
    if not free:
        raise Trouble(f"Port {given.port} is taken by another program; choose another one with SCORE_PORT.")
