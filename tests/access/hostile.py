"""A community in which somebody has typed something hostile into every field of every form that takes it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from tests import made_content
from tests.access import routes
from tests.access.conftest import TOML
from tests.access.prepared import PREPARED
from tests.access.routes import read_table
from tests.access.test_floods import sender
from tests.access.world import World, found
from tests.letters import all_at_once
from tests.people.conftest import Postbox

MARK = "hostile"


def mark_of(who: str) -> str:
    """What stands in all that this one typed, and in nothing of anybody else."""
    return MARK + "".join(letter for letter in who if letter.isalpha()) + "z"


ROUTES = read_table()
LONG = """\
"><img src=x onerror="window.hit=1"><script>window.hit=2</script></textarea></title><svg onload=window.hit=3>

[click here](javascript:window.hit=4) <javascript:window.hit=5> ![x](data:text/html;base64,PHNjcmlwdD4=)
[hostile]: javascript:window.hit=6 "x"

```html"><script>window.hit=7</script>
<iframe srcdoc="<script>window.hit=8</script>"></iframe>
```

{{ 7*7 }} {% raw %} ${7*7} %(name)s {0.__class__} <!-- ]]> --> &lt;script&gt; \u2028 \u202e =1+1 @nobody #python hostile
"""
TEXTS = (
    LONG,
    '=HYPERLINK("//x")"><img src=x onerror=window.hit=9><script>window.hit=9</script> hostile',
    "\"><svg onload=window.hit=10>'{{7*7}} hostile",
    "=1+1;'\"><b onclick=x> hostile",
    "hostile<i>",
)
"""The first that a field takes is what stands in it from then on."""
ENDS = re.compile(
    r"sign-(in|out)|/delete$|password|/withdraw$|/retire$|/complete$|/end$|/step-down$|/leave$|/decline|/remove$|/un"
    r"|/coordinate/pairings|/approve$|/stop|/release$|/accept$"
)
"""What ends a thing that others are written into: it is sent last."""


def hostile_world(folder: Any, make_site: Any, post: Postbox) -> World:
    """The community. `post` has the letters that came of it."""
    content = made_content.with_track(made_content.copied(folder))
    world = found(make_site(TOML, content=content, clients=SimpleNamespace(mailer=post)))
    with world.site.unit_of_work() as session:
        for person in world.people.values():
            person = session.merge(person)
            person.email = person.email_key = person.email or f"{person.username}@example.org"
            all_at_once(session, person)
    return world


def forms(world: World, *, ending: bool) -> list[tuple[str, Any]]:
    """The routes that take a form, those that end something apart from the others."""
    known = routes.every_route(world.site.app)
    taking = [route for route in ROUTES if route.startswith("POST")]
    return [(route, known[route]) for route in taking if bool(ENDS.search(route)) is ending]


def write_everywhere(world: World, *, ending: bool) -> set[str]:
    """Type something hostile into every field; the names of those ("route field") that took it."""
    took = set()
    for route, rule in forms(world, ending=ending):
        who, sent = sender(world, route, rule), routes.form(world, rule.endpoint)
        for name in _texts(world, rule, who):
            if text := _taken(world, route, rule, name, sent):
                sent[name] = text
                took.add(f"{route} {name}")
    return took


def _texts(world: World, rule: Any, who: str) -> list[str]:
    page = world.browser(who).get(routes.address(world, rule))
    shown = re.findall(r'<textarea[^>]* name="([\w-]+)"|<input[^>]* type="text"[^>]* name="([\w-]+)"', page.text)
    sent = [name for name, value in routes.form(world, rule.endpoint).items() if isinstance(value, str)]
    return sorted({*sent, *(name for pair in shown for name in pair if name)})


def _taken(world: World, route: str, rule: Any, name: str, sent: dict[str, Any]) -> str:
    who = sender(world, route, rule)
    for text in (text.replace(MARK, mark_of(who)) for text in TEXTS):
        if route in PREPARED:
            with world.site.unit_of_work() as session:
                _ready(world, route, session)
        browser = world.browser(who)
        with browser.post(routes.address(world, rule), data={**sent, name: text}) as answer:
            assert answer.status_code < 500, (route, name)
            if answer.status_code == 303:
                return text
    return ""


def _ready(world: World, route: str, session: Any) -> None:
    try:
        PREPARED[route].make_ready(world, session)
    except Exception:  # it is ready since the field before
        session.rollback()
