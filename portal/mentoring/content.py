"""What mentoring needs of the role files: the portal makes approved mentors holders of a role that must be there."""

from __future__ import annotations

from portal.core.content import Library, Problems
from portal.core.content_files import ContentFiles
from portal.mentoring.access import BE_MENTOR
from portal.roles.content import FOLDER, RoleDefinitions

MENTOR = "mentor"
"""The role that every mentor holds."""


def load(files: ContentFiles, problems: Problems, library: Library) -> None:
    """Check the role of mentors, once every role has been read. A file that cannot be read has been told of."""
    roles, path = library.get(RoleDefinitions), files.path(f"{FOLDER}/{MENTOR}.md")
    if MENTOR not in roles.by_slug and path.exists():
        return
    if MENTOR not in roles.granting(BE_MENTOR):
        what = f"the portal makes approved mentors holders of {MENTOR}, which must permit {BE_MENTOR}"
        problems.add(path, 1, what, f"keep that file, with permissions: [{BE_MENTOR}]")
