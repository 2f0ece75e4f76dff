"""What every kind of review server has to ask of an address on the web. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_same_server(address: SplitResult, server: SplitResult) -> bool:
    """Whether both lead to one server. Raises ValueError for a port that is no number."""
    return host_and_port(address) == host_and_port(server)


def below(path: str, base: str) -> str | None:
    """What comes after the folder in which a server lies; None for what lies beside it."""
    path = path.strip("/")
    if base and path != base and not path.startswith(base + "/"):
        return None
    return path.removeprefix(base).strip("/")


def host_and_port(parts: SplitResult) -> tuple[str | None, int | None]:
    """Where a server listens; the port only when it is not the usual one. Raises ValueError for a port that is none."""
    return parts.hostname, None if parts.port == _DEFAULT_PORTS.get(parts.scheme) else parts.port
