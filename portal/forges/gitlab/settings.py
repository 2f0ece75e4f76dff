"""What the settings say of a GitLab server."""

from __future__ import annotations

from typing import Literal

from portal.core.config import EnvName, SourceConfig


class GitlabConfig(SourceConfig):
    """[[sources]] with kind = "gitlab". Without `projects` and `groups` all that is visible is read."""

    kind: Literal["gitlab"] = "gitlab"
    projects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    token_env: EnvName = ""
