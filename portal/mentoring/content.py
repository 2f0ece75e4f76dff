"""What mentoring needs of the role files: the portal makes approved mentors holders of a role that must be there."""

from __future__ import annotations

from pathlib import Path

from portal.core.content import Library, Problems
from portal.mentoring.access import BE_MENTOR
from portal.roles.content import FOLDER, RoleDefinitions

MENTOR = "mentor"
"""The role that every mentor holds."""


def load(folder: Path, problems: Problems, library: Library) -> None:
    """Check the role of mentors, once every role has been read. A file that cannot be read has been told of."""
    roles, path = library.get(RoleDefinitions), folder / FOLDER / f"{MENTOR}.md"
    if MENTOR not in roles.by_slug and path.exists():
        return
    if MENTOR not in roles.granting(BE_MENTOR):
        what = f"the portal makes approved mentors holders of {MENTOR}, which must permit {BE_MENTOR}"
        problems.add(path, 1, what, f"keep that file, with permissions: [{BE_MENTOR}]")
