"""What a Gerrit 3.13.5 really says, read without one. Recorded from the server that `make test-real` starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.forges.gerrit.parse import parse_change
from portal.forges.shapes import RemoteChange, RemoteEvent

RECORDED = Path(__file__).parents[2] / "recorded" / "gerrit-3.13.5-changes.json"
TOLD = {
    "plain push": "nora uploads, nora uploads",
    "wip push": "nora uploads, nora withdraws, nora uploads, nora is ready, nora withdraws, nora uploads, "
    "nora is ready, nora uploads, nora withdraws, nora says, nora says, nora is ready",
    "votes": "nora uploads, rita says Code-Review-1, rita says Code-Review+1, mara says Code-Review+2 (approves), "
    "mara says Code-Review+0, rita says, nora says, mara says Code-Review-2, rita uploads",
    "multi": "nora uploads, mara says Code-Review+2 Verified+1 (approves), nora uploads",
    "checks": "nora uploads, zuul says Verified-1 (bot), zuul says Verified+1 (bot), "
    "jenkins-bot says Verified-1 (bot), rita says Verified+1 (bot)",
    "merged": "nora uploads, mara says Code-Review+2 (approves), mara merges",
    "abandoned": "nora uploads, nora abandons, nora restores, mara abandons, mara restores",
    "notices better": "nora uploads, nora uploads, mara uploads",
    "Revert it": "mara uploads",
    "cherry": "nora uploads, mara says Code-Review+2 (approves), mara merges",
    "edit": "nora uploads, nora uploads",
}
VERBS = {
    "upload": "uploads",
    "work_in_progress": "withdraws",
    "ready": "is ready",
    "merge": "merges",
    "abandon": "abandons",
    "restore": "restores",
    "word": "says",
}


@pytest.fixture(scope="module")
def changes() -> dict[str, RemoteChange]:
    rows = json.loads(RECORDED.read_text(encoding="utf-8"))
    read = [parse_change(row, base_url="http://gerrit.test") for row in rows]
    return {change.title: change for change in read}


@pytest.mark.parametrize("title", TOLD)
def test_a_change_is_told_as_it_happened(title: str, changes: dict[str, RemoteChange]) -> None:
    assert ", ".join(sentence(event) for event in changes[title].events) == TOLD[title]


def sentence(event: RemoteEvent) -> str:
    who = event.by.username if event.by else "somebody"
    votes = " ".join(f"{label}{value:+}" for label, value in event.votes.items())
    marks = "(approves)" * event.is_approval + "(bot)" * event.is_bot
    return " ".join(word for word in (who, VERBS[event.kind], votes, marks) if word)
