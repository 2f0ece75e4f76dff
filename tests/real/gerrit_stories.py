"""What can happen to a change on a real Gerrit, step by step, and where the definitions say that it stands then.

Gerrit keeps whole seconds, so the stories are told side by side: the first step of each, a pause, the second of each …
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest

from tests.real.gerrit_maker import GerritMaker, Pushed

Step = Callable[[GerritMaker, Pushed], object]


@dataclass(frozen=True)
class Story:
    """Nora pushes a change (that is step 0), then these steps follow. `since` and `answered` are numbers of steps."""

    title: str
    steps: tuple[Step, ...]
    waiting_on: str
    reason: str | None
    since: int
    answered: int | None = None
    options: str = ""


@dataclass
class Told:
    """A story on the server: its change, and when each step happened there."""

    story: Story
    change: Pushed
    moments: list[datetime] = field(default_factory=list)


def tell(maker: GerritMaker, project: str, stories: list[Story]) -> list[Told]:
    """Let all stories happen, by Nora in that project."""
    told = [Told(one, maker.push("nora", project, one.title, one.options)) for one in stories]
    _note_moments(maker, told)
    for steps in zip_longest(*(one.steps for one in stories)):
        time.sleep(1.1)
        happening = [(one, step) for one, step in zip(told, steps, strict=True) if step]
        for one, step in happening:
            step(maker, one.change)
        _note_moments(maker, [one for one, _ in happening])
    return told


def _note_moments(maker: GerritMaker, told: list[Told]) -> None:
    for one in told:
        updated = maker.ask("GET", f"changes/{one.change.number}")["updated"]
        one.moments.append(datetime.fromisoformat(updated[:26]).replace(tzinfo=UTC))


# -- the steps


def says(by: str, message: str = "Let me see") -> Step:
    return lambda maker, change: maker.say(by, change, message)


def votes(by: str, value: int, message: str = "") -> Step:
    return lambda maker, change: maker.vote(by, change, value, message=message)


def comments_on_a_line(by: str) -> Step:
    return lambda maker, change: maker.comment_inline(by, change, "Why so?")


def checks(value: int, robot: str = "zuul") -> Step:
    return lambda maker, change: maker.check(robot, change, value)


def chats(robot: str) -> Step:
    return lambda maker, change: maker.say(robot, change, "Thank you for your change!")


def uploads(by: str = "nora", options: str = "") -> Step:
    return lambda maker, change: maker.push_again(by, change, options)


def does(by: str, what: str, body: object = None, method: str = "POST") -> Step:
    return lambda maker, change: maker.act(by, change, what, body, method)


def merges(by: str = "mara") -> Step:
    return lambda maker, change: maker.merge(by, change)


def starts_review_with_words(maker: GerritMaker, change: Pushed) -> None:
    """As the web page does it: ready, in one message with words of one's own."""
    maker.say("nora", change, "Have a look please", ready=True)


def starts_review_silently(maker: GerritMaker, change: Pushed) -> None:
    maker.say("nora", change, ready=True)


def withdraws_with_words(maker: GerritMaker, change: Pushed) -> None:
    maker.say("nora", change, "Not yet after all", work_in_progress=True)


def rewords(maker: GerritMaker, change: Pushed) -> None:
    """A new commit message, written on the web page."""
    message = f"{change.title}, in better words\n\nChange-Id: {change.change_id}\n"
    maker.act("nora", change, "message", {"message": message}, "PUT")


def fails_to_merge(maker: GerritMaker, change: Pushed) -> None:
    """Gerrit refuses, so nothing happened to the change but the topic that was set on the way."""
    try:
        maker.act("mara", change, "submit")
    except AssertionError as refusal:
        assert "409" in str(refusal)
    maker.act("nora", change, "topic", {"topic": "later"}, "PUT")


ABANDON = does("nora", "abandon", {"message": "Not needed"})
RESTORE = does("nora", "restore", {"message": "Needed after all"})
WIP = does("nora", "wip", {"message": "Not yet"})
READY = does("nora", "ready", {"message": "Now"})
TOPIC = does("nora", "topic", {"topic": "gates"}, "PUT")
REVIEWER = does("nora", "reviewers", {"reviewer": "rita"})
HASHTAG = does("nora", "hashtags", {"add": ["easy"]})
TAKES_VOTE_AWAY = does("mara", "reviewers/rita/votes/Code-Review/delete")

STORIES = [
    Story("nobody has answered", (), "reviewer", "no_response", since=0),
    Story("a newer patch set is no answer", (uploads(),), "reviewer", "no_response", since=0),
    Story("its author's own words are no answer", (says("nora"),), "reviewer", "no_response", since=0),
    Story("somebody asks", (says("rita"),), "author", "comment", since=1, answered=1),
    Story("a comment on a line is a word", (comments_on_a_line("rita"),), "author", "comment", since=1, answered=1),
    Story("asked twice", (says("rita"), says("mara")), "author", "comment", since=1, answered=1),
    Story("asked and answered", (says("rita"), says("nora")), "reviewer", "author_answered", since=2, answered=1),
    Story("asked and mended", (says("rita"), uploads()), "reviewer", "new_patch_set", since=2, answered=1),
    Story("mended by the reviewer", (says("rita"), uploads("rita")), "reviewer", "new_patch_set", since=2, answered=1),
    Story("reworded", (says("rita"), rewords), "reviewer", "new_patch_set", since=2, answered=1),
    Story("rebased", (votes("rita", -1), does("mara", "rebase", {"allow_conflicts": True})),
          "reviewer", "new_patch_set", since=2, answered=1),
    Story("a plus one", (votes("rita", 1),), "reviewer", "positive_vote", since=0, answered=1),
    Story("approved, not merged", (votes("mara", 2, "Fine"),), "reviewer", "approved", since=0, answered=1),
    Story("a minus one with words", (votes("rita", -1, "Typo"),), "author", "changes_requested", since=1, answered=1),
    Story("a minus two without", (votes("mara", -2),), "author", "changes_requested", since=1, answered=1),
    Story("from minus to plus", (votes("rita", -1), votes("rita", 1)),
          "reviewer", "positive_vote", since=2, answered=1),
    Story("a vote taken away is a notice", (votes("rita", -1), TAKES_VOTE_AWAY),
          "author", "changes_requested", since=1, answered=1),
    Story("the robot says no", (checks(-1),), "author", "checks_failed", since=1),
    Story("the robot says yes", (checks(1),), "reviewer", "no_response", since=0),
    Story("the robot says no, then yes", (checks(-1), checks(1)), "reviewer", "no_response", since=2),
    Story("no, and a newer patch set", (checks(-1), uploads()), "reviewer", "no_response", since=2),
    Story("no, and words", (checks(-1), says("nora")), "author", "checks_failed", since=1),
    Story("no, and a plus one on top", (checks(-1), votes("rita", 1)), "author", "checks_failed", since=1, answered=2),
    Story("a tag makes a robot", (checks(-1, "lint"),), "author", "checks_failed", since=1),
    Story("a robot by the settings", (chats("lint"),), "reviewer", "no_response", since=0),
    Story("a robot by its group", (chats("zuul"),), "reviewer", "no_response", since=0),
    Story("pushed as work in progress", (), "author", "work_in_progress", since=0, options="wip"),
    Story("in progress, then ready", (READY,), "reviewer", "no_response", since=1, options="wip"),
    Story("ready by a push", (uploads(options="ready"),), "reviewer", "no_response", since=1, options="wip"),
    Story("ready, silently", (starts_review_silently,), "reviewer", "no_response", since=1, options="wip"),
    Story("ready, with words", (starts_review_with_words,), "reviewer", "no_response", since=1, options="wip"),
    Story("withdrawn", (WIP,), "author", "work_in_progress", since=1),
    Story("withdrawn by a push", (uploads(options="wip"),), "author", "work_in_progress", since=1),
    Story("withdrawn with words", (withdraws_with_words,), "author", "work_in_progress", since=1),
    Story("withdrawn after a question", (says("rita"), WIP), "author", "work_in_progress", since=1, answered=1),
    Story("withdrawn and ready again", (WIP, READY), "reviewer", "no_response", since=2),
    Story("words while in progress", (says("rita"), says("nora")), "author", "work_in_progress", since=0, answered=1,
          options="wip"),
    Story("merged", (merges(),), "nobody", None, since=1, answered=1),
    Story("abandoned by its author", (ABANDON,), "nobody", None, since=1),
    Story("abandoned by another", (does("mara", "abandon"),), "nobody", None, since=1, answered=1),
    Story("abandoned and restored", (ABANDON, RESTORE), "reviewer", "no_response", since=2),
    Story("restored after a question", (says("rita"), ABANDON, RESTORE), "reviewer", "author_answered", since=3,
          answered=1),
    Story("words after the end", (merges(), says("nora")), "nobody", None, since=1, answered=1),
    Story("topics, hashtags and reviewers are nothing", (says("rita"), TOPIC, HASHTAG, REVIEWER),
          "author", "comment", since=1, answered=1),
    Story("a merge that failed is nothing", (says("rita"), fails_to_merge), "author", "comment", since=1, answered=1),
    Story("a long talk", (says("rita"), uploads(), votes("rita", 1), checks(-1), uploads(), votes("mara", -1)),
          "author", "changes_requested", since=6, answered=1),
]  # fmt: skip
