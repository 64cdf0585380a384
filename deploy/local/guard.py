"""Becomes the command it is given, after asking the kernel to end it when its parent is gone.

    python guard.py SIGNAL PARENT UID:GID|- COMMAND...

It runs after `unshare` and gives up root itself, because either would make the kernel forget the request.
"""

import ctypes
import os
import sys

SET_PARENT_DEATH_SIGNAL = 1


def main(how: str, parent: str, somebody: str, *command: str) -> None:
    if somebody != "-":
        user, group = (int(part) for part in somebody.split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, int(how), 0, 0, 0)
    if os.getppid() == int(parent):  # else it died before the kernel knew
        os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
