"""Who may do what: asked at the door by the guard of a view, and inside by every action.

- The **guard** says only who may come in: `anyone`, people who are `signed_in`, those who `may(PERMISSION)` do
  something, or who have `proved_recently` that it is them. Every view carries one; a site with an unguarded view
  refuses to start.
- A room's `access.py` holds its `Permission` values and its **rules**: pure functions `refuse_…(…) -> PortalError |
  None`, of plain values (ids, the permissions a person is granted), that give the refusal, with its sentence and its
  code, or None. `refuse_without(PERMISSION, granted)` is the rule that guards and actions share.
- An **action** that changes something asks the rules itself: `raise_if(refuse_withdrawal(made.person_id, person.id))`.
  It trusts no caller: an address loads any row by its id, and commands, jobs and other rooms come through no view.
  What somebody must not know of is NotFound, not NotAllowed.
- An action takes the person who acts. `by: Person | None` says that the site itself may act too: None may everything,
  and only sweeps, commands and the deletion of an account pass it. An action that takes nobody else's row but the
  person's own needs no rule.
- A view may ask the same rule to show a form, or a button, only to those who may use it.

tests/access/ has one table of every route for every kind of visitor, and one of every action.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, g
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.errors import raise_if
from portal.core.permissions import Permission, refuse_without

P = ParamSpec("P")
R = TypeVar("R")
Check = Callable[[], None]
PermissionsOf = Callable[[Session, int], frozenset[str]]


class NeedsSignIn(Exception):
    """Only somebody who is signed in can see this."""


class NeedsProof(Exception):
    """Only somebody who has just shown that it is them can do this."""


class UnguardedViewError(Exception):
    """A view says nothing of who may see it."""


def guard(check: Check) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run `check` before the view. Put it directly under the route: `@guard(signed_in)`."""

    def protect(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            check()
            return view(*args, **kwargs)

        guarded.__guard__ = check  # type: ignore[attr-defined]  # read by require_guards
        return guarded

    return protect


def anyone() -> None:
    """Everybody may see this."""


def signed_in() -> None:
    """Only people who are signed in. Raises NeedsSignIn."""
    if not current_user.is_authenticated:
        raise NeedsSignIn


def proved_recently() -> None:
    """Only people who have just signed in, or shown again that it is them: for what cannot be mended afterwards.

    Raises NeedsSignIn, NeedsProof. Where another guard stands at the door, the view asks for it first of all.
    """
    from portal.core.web import settings  # here, for web.py imports this module

    signed_in()
    proved_at: datetime | None = g.get("proved_at")
    if proved_at is None or proved_at < clock.now() - timedelta(minutes=settings().sessions.prove_again_minutes):
        raise NeedsProof


def may(permission: Permission) -> Check:
    """Only people one of whose roles grants this permission."""

    def check() -> None:
        signed_in()
        raise_if(refuse_without(permission, granted()))

    return check


def permitted(permission: Permission) -> bool:
    """Whether a role of the person who looks at the page, if they are signed in, grants the permission."""
    return bool(current_user.is_authenticated and permission.name in granted())


def install(app: Flask, permissions_of: PermissionsOf) -> None:
    """Let guards and templates ask for permissions."""
    app.extensions["portal.permissions_of"] = permissions_of
    app.jinja_env.globals["permitted"] = _permitted_by_name


def require_guards(app: Flask) -> None:
    """Raises UnguardedViewError naming every view without a guard."""
    bare = [name for name, view in app.view_functions.items() if not hasattr(view, "__guard__") and name != "static"]
    if bare:
        raise UnguardedViewError(f"no guard on: {', '.join(sorted(bare))}. Put @guard(…) under the route.")


def granted() -> frozenset[str]:
    """The permissions of the person who is signed in. One SQL statement a request, when first asked."""
    if "permissions" not in g:
        from portal.core.web import db  # here, for web.py imports this module

        permissions_of: PermissionsOf = current_app.extensions["portal.permissions_of"]
        g.permissions = permissions_of(db(), current_user.id)
    granted: frozenset[str] = g.permissions
    return granted


def _permitted_by_name(name: str) -> bool:
    return permitted(current_app.extensions["portal"].features.permissions[name])
