"""A listening socket, and who sits on the port when it is taken."""

from __future__ import annotations

import contextlib
import errno
import shutil
import socket
import subprocess
from pathlib import Path

PROC = Path("/proc")
_LISTEN = "0A"


class PortBusy(Exception):
    """The port is taken; `holder` says by whom, as far as the system tells ("" when it does not)."""

    def __init__(self, port: int, holder: str) -> None:
        self.port = port
        self.holder = holder
        super().__init__(f"port {port} is taken by {holder or 'another process'}")


def listen(host: str, port: int) -> socket.socket:
    """A bound, listening socket that children inherit. Port 0 lets the system choose.

    Raises `PortBusy`, and OSError for a host that is not ours or a port we may not take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(512)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(port, holder(port)) from error
        raise
    taken.set_inheritable(True)
    return taken


def free(wanted: int) -> int:
    """The wanted port of this machine if nobody has it, else one that the system chooses."""
    for port in (wanted, 0):
        with contextlib.suppress(PortBusy, OSError, OverflowError), listen("127.0.0.1", port) as taken:
            return int(taken.getsockname()[1])
    return wanted


def holder(port: int) -> str:
    """`name (process 123)` of whoever listens on a port, or "" when the system does not tell us."""
    pid = _pid_from_proc(port) or _pid_from_lsof(port)
    if not pid:
        return ""
    name = _name(pid)
    return f"{name} ({pid})" if name else str(pid)


def _pid_from_proc(port: int) -> int | None:
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN and int(columns[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add(f"socket:[{columns[9]}]")
    if not inodes:
        return None
    for process in PROC.iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                    return int(process.name)
    return None


def _pid_from_lsof(port: int) -> int | None:
    if PROC.joinpath("net").exists() or not shutil.which("lsof"):
        return None
    command = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    first = answer.stdout.split()[:1]
    return int(first[0]) if first else None


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        return " ".join(word for word in words if word)[:80]
    command = ["ps", "-o", "comm=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
