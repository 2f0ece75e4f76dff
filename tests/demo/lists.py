"""Every page of the house that lists something, and who of the demo may see it: each has something in it."""

from __future__ import annotations

from typing import NamedTuple


class ListPage(NamedTuple):
    """Where a list is, and who looks at it ("": a visitor)."""

    path: str
    who: str = ""


LISTS = {
    "/": ListPage("/"),
    "/admin/people": ListPage("/admin/people", "admin"),
    "/api/v1/changes": ListPage("/api/v1/changes"),
    "/api/v1/mentors": ListPage("/api/v1/mentors"),
    "/api/v1/roles": ListPage("/api/v1/roles"),
    "/api/v1/tools": ListPage("/api/v1/tools"),
    "/api/v1/tracks": ListPage("/api/v1/tracks"),
    "/dashboard": ListPage("/dashboard", "mentor"),
    "/dashboard/changes.csv": ListPage("/dashboard/changes.csv", "maintainer"),
    "/dashboard/mentees-changes.csv": ListPage("/dashboard/mentees-changes.csv", "ifeoma"),
    "/dashboard/mentees-tracks.csv": ListPage("/dashboard/mentees-tracks.csv", "mentor"),
    "/help/": ListPage("/help/"),
    "/invitations/": ListPage("/invitations/", "coordinator"),
    "/mentoring/": ListPage("/mentoring/", "mentor"),
    "/mentoring/applications": ListPage("/mentoring/applications", "coordinator"),
    "/mentoring/applications.csv": ListPage("/mentoring/applications.csv", "coordinator"),
    "/mentoring/coordinate": ListPage("/mentoring/coordinate", "coordinator"),
    "/mentoring/coordinate/pairings.csv": ListPage("/mentoring/coordinate/pairings.csv", "coordinator"),
    "/mentoring/coordinate/requests.csv": ListPage("/mentoring/coordinate/requests.csv", "coordinator"),
    "/mentoring/mentors": ListPage("/mentoring/mentors"),
    "/mentoring/mentors.atom": ListPage("/mentoring/mentors.atom"),
    "/mentoring/mentors.csv": ListPage("/mentoring/mentors.csv"),
    "/mentoring/requests": ListPage("/mentoring/requests", "mentor"),
    "/mentoring/requests.csv": ListPage("/mentoring/requests.csv", "mentor"),
    "/notices": ListPage("/notices", "mentor"),
    "/notices.csv": ListPage("/notices.csv", "coordinator"),
    "/reviews": ListPage("/reviews"),
    "/reviews/queue.atom": ListPage("/reviews/queue.atom"),
    "/reviews/queue.csv": ListPage("/reviews/queue.csv"),
    "/reviews/syncs": ListPage("/reviews/syncs"),
    "/reviews/syncs.csv": ListPage("/reviews/syncs.csv"),
    "/roles/": ListPage("/roles/"),
    "/roles/<slug>": ListPage("/roles/mentor"),
    "/roles/<slug>/holders.csv": ListPage("/roles/mentor/holders.csv"),
    "/roles/roles.csv": ListPage("/roles/roles.csv"),
    "/search": ListPage("/search?q=python"),
    "/tools/": ListPage("/tools/?needs_owner=yes"),
    "/tools/toolinfo.json": ListPage("/tools/toolinfo.json"),
    "/tools/tools.csv": ListPage("/tools/tools.csv"),
    "/tools/wanted.atom": ListPage("/tools/wanted.atom"),
    "/tracks/": ListPage("/tracks/"),
    "/tracks/tracks.csv": ListPage("/tracks/tracks.csv"),
}
"""By the route."""

LIST_NOTHING = (
    "/admin/",
    "/.well-known/",
    "/api/v1/openapi.json",
    "/api/v1/roles/<slug>",
    "/api/v1/tools/<name>",
    "/api/v1/tracks/<slug>",
    "/developers",
    "/healthz",
    "/logo",
    "/look.css",
    "/help/<slug>",
    "/invitations/<",
    "/invitations/accept",
    "/invitations/new",
    "/mentoring/applications/<",
    "/mentoring/apply",
    "/mentoring/ask",
    "/mentoring/coordinate/pairings/<",
    "/mentoring/pairings/<",
    "/mentoring/requests/<",
    "/mentoring/retire",
    "/notices/",
    "/passkeys/",
    "/api-tokens/",
    "/api/v1/me",
    "/people/",
    "/preview",
    "/privacy",
    "/second-factor/",
    "/sign-in-with/",
    "/reviews/changes/<",
    "/robots.txt",
    "/roles/<slug>/appoint",
    "/roles/<slug>/offer",
    "/roles/holders/",
    "/roles/offers/",
    "/static/",
    "/tools/<name>",
    "/tracks/<slug>",
)
"""How the addresses begin of pages about one thing, of forms, and of what is for programs."""
