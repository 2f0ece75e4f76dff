"""What the portal has to know of a kind of review server. Whoever asks what is special about a kind, asks its Forge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NewType, TypeVar
from urllib.parse import SplitResult, urlsplit

from portal.core.config import SourceConfig
from portal.forges.addresses import host_and_port, is_same_server

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.forges.connection import Connection
    from portal.forges.shapes import ReviewSource

Settings = TypeVar("Settings", bound=SourceConfig)
_FORGES = "forges"
FORGE_KINDS = "forge kinds"
"""The name under which the description of the API finds the kinds that a site knows."""

ForgeKind = NewType("ForgeKind", str)
"""The word for a kind of review server that this site knows. `Forges.kind_of` makes it of a word, and nothing else."""


class UnknownForgeError(ValueError):
    """This site knows no such kind of review server."""


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """What the address of a change says: on which server, in which project ("" where it does not say), which number."""

    host: str
    project: str
    number: int


@dataclass(frozen=True)
class Forge(Generic[Settings]):
    """A kind of review server. `label` is its name for people, `number_sign` what it writes before a change's number.

    `account_path` comes between a server's address and a username in the address of an account. `project_path` reads
    the project out of an address below the server's own path; "" when it names none. `change_path` reads the
    project, with the path of the server where that cannot be told from it, and the number out of the address of a
    change; the project is "" where the address does without.
    """

    kind: str
    label: str
    settings: type[Settings]
    connect: Callable[[Settings, Connection], ReviewSource]
    account_path: str
    project_path: Callable[[SplitResult, str], str]
    number_sign: str = ""
    change_path: Callable[[SplitResult], tuple[str, int] | None] = lambda _address: None

    def number(self, number: int) -> str:
        """The number of a change as people write it there: "!12"."""
        return f"{self.number_sign}{number}"

    def project_at(self, address: str, server: str) -> str | None:
        """The project that an address on the web means on this server; None when it means none there."""
        try:
            parts, server_parts = urlsplit(address), urlsplit(server)
            if not server_parts.hostname or not is_same_server(parts, server_parts):
                return None
        except ValueError:
            return None
        project = self.project_path(parts, server_parts.path.strip("/")).strip("/").removesuffix(".git")
        return project if project and project.isprintable() else None

    def change_at(self, address: str) -> ChangeAddress | None:
        """The change that an address on the web means on a server of this kind, wherever that server is."""
        try:
            parts = urlsplit(address)
            host, port = host_and_port(parts)
            named = self.change_path(parts) if host else None
        except ValueError:
            return None
        return ChangeAddress(f"{host}:{port}" if port else host or "", *named) if named else None


class Forges(Mapping[ForgeKind, Forge[Any]]):
    """The kinds of review servers that a site knows, by kind. Raises ValueError when two have one kind."""

    def __init__(self, *forges: Forge[Any]) -> None:
        self._by_kind = MappingProxyType({ForgeKind(forge.kind): forge for forge in forges})
        if len(self._by_kind) != len(forges):
            raise ValueError("two forges have one kind")

    def __getitem__(self, kind: ForgeKind) -> Forge[Any]:
        return self._by_kind[kind]

    def __iter__(self) -> Iterator[ForgeKind]:
        return iter(self._by_kind)

    def __len__(self) -> int:
        return len(self._by_kind)

    def kind_of(self, word: str) -> ForgeKind:
        """The kind that this word means, such as that of a source in the settings. Raises UnknownForgeError."""
        kind = ForgeKind(word)
        if kind not in self:
            raise UnknownForgeError(f"{word} is no kind of review server here, but {', '.join(self)}")
        return kind

    def of(self, source: SourceConfig) -> Forge[Any]:
        """The kind of this source of the settings. Raises UnknownForgeError."""
        return self[self.kind_of(source.kind)]

    @property
    def settings(self) -> Mapping[str, type[SourceConfig]]:
        """What a source of each kind may say in the settings, for the loader."""
        return {kind: forge.settings for kind, forge in self.items()}


@dataclass(frozen=True)
class ForgeKinds:
    """The kinds of review servers that a site knows, for content files that name one."""

    kinds: tuple[ForgeKind, ...]


def forges_of(session: Session) -> Forges:
    """The forges of the site that this session belongs to: what its rows call `kind`."""
    forges: Forges = session.info[_FORGES]
    return forges


def forges_info(forges: Forges) -> dict[str, Any]:
    """What a site's sessions carry along, for `forges_of`."""
    return {_FORGES: forges}
