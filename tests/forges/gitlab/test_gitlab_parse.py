"""What a merge request and its notes say in the portal's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.forges.gitlab.parse import parse_merge_request
from portal.forges.shapes import ChangeState, EventKind, RemoteChange, RemoteEvent
from tests.data import gitlab

NORA = {"id": 1, "username": "nora", "name": "Nora"}
RITA = {"id": 2, "username": "rita", "name": "Rita"}


def at(second: int) -> str:
    return f"2026-11-20T12:00:{second:02}.000Z"


def moment(second: int) -> datetime:
    return datetime(2026, 11, 20, 12, 0, second, tzinfo=UTC)


def note(body: str, second: int = 5, by: dict[str, Any] | None = RITA, **more: Any) -> dict[str, Any]:
    return {"id": second, "body": body, "created_at": at(second), "author": by, "system": False} | more


def notice(body: str, second: int = 5, by: dict[str, Any] | None = NORA) -> dict[str, Any]:
    return note(body, second, by, system=True)


def raw(**more: Any) -> dict[str, Any]:
    return {
        "iid": 12,
        "project_id": 7,
        "title": "Mend the thing",
        "state": "opened",
        "created_at": at(0),
        "updated_at": at(50),
        "author": NORA,
        "references": {"full": "group/sub/tool!12"},
        "web_url": "https://gitlab.example.org/group/sub/tool/-/merge_requests/12",
    } | more


def read(*notes: dict[str, Any], more: dict[str, Any] | None = None, **known: Any) -> RemoteChange:
    return parse_merge_request(raw(**(more or {})), notes=notes, **known)


def after_upload(*notes: dict[str, Any], **known: Any) -> list[RemoteEvent]:
    events = read(*notes, **known).events
    assert (events[0].kind, events[0].at) == (EventKind.UPLOAD, moment(0))
    return list(events[1:])


def told(events: list[RemoteEvent]) -> list[tuple[str, str | None]]:
    return [(event.kind.value, event.by.username if event.by else None) for event in events]


def test_the_fields_of_a_merge_request() -> None:
    change = read(more={"draft": True}, pipeline={"status": "failed"})
    assert (change.key, change.number, change.project) == ("7!12", 12, "group/sub/tool")
    assert change.url == "https://gitlab.example.org/group/sub/tool/-/merge_requests/12"
    assert (change.title, change.author.username, change.author.name) == ("Mend the thing", "nora", "Nora")
    assert (change.state, change.work_in_progress, change.patchsets) == (ChangeState.OPEN, True, 1)
    assert (change.created_at, change.updated_at, change.closed_at) == (moment(0), moment(50), None)
    assert (change.insertions, change.deletions, change.head_checks_failed) == (None, None, True)


@pytest.mark.parametrize(
    ("pipeline", "failed"),
    [(None, None), ({"status": "failed"}, True), ({"status": "success"}, False), ({"status": "running"}, False)],
)
def test_the_head_pipeline_where_known(pipeline: dict[str, str] | None, failed: bool | None) -> None:
    assert read(pipeline=pipeline).head_checks_failed is failed


@pytest.mark.parametrize(
    ("references", "web_url", "project"),
    [
        ({"full": "a/b!12"}, "https://x/y", "a/b"),
        (None, "https://gitlab.example.org/a/b/-/merge_requests/12", "a/b"),
        (None, "https://gitlab.example.org/a/b/merge_requests/12", "a/b"),
    ],
)
def test_the_projects_path_is_found_on_older_servers_too(references: Any, web_url: str, project: str) -> None:
    assert parse_merge_request(raw(references=references, web_url=web_url)).project == project


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("opened", ChangeState.OPEN),
        ("locked", ChangeState.OPEN),
        ("merged", ChangeState.MERGED),
        ("closed", ChangeState.ABANDONED),
        ("something new", ChangeState.OPEN),
    ],
)
def test_states(state: str, ours: ChangeState) -> None:
    assert read(more={"state": state}).state is ours


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("added 1 commit\n\n<ul><li>abc - Mend</li></ul>", "upload"),
        ("added 23 commits", "upload"),
        ("Added 2 new commits:\n\n* abc", "upload"),
        ("merged", "merge"),
        ("Status changed to merged", "merge"),
        ("closed", "abandon"),
        ("closed via merge request !14", "abandon"),
        ("Status changed to closed", "abandon"),
        ("reopened", "restore"),
        ("marked this merge request as **draft**", "work_in_progress"),
        ("marked this merge request as **draft** from a1b2c3d4", "work_in_progress"),
        ("marked as a **Work In Progress**", "work_in_progress"),
        ("marked this merge request as **ready**", "ready"),
        ("unmarked as a **Work In Progress**", "ready"),
        ("unmarked this merge request as a **Draft**", "ready"),
        ("merged branch `main` into `x`", None),
        ("mentioned in commit 1a2b3c", None),
        ("assigned to @rita", None),
        ("requested review from @rita", None),
        ("changed the description", None),
        ("changed title from **a** to **b**", None),
        ("enabled an automatic merge when the pipeline for 1a2b3c succeeds", None),
        ("resolved all threads", None),
        ("left review comments", None),
        ("changed this line in [version 2 of the diff](/x)", None),
    ],
)
def test_a_system_note_counts_as_what_the_person_did(body: str, kind: str | None) -> None:
    assert told(after_upload(notice(body))) == ([(kind, "nora")] if kind else [])


@pytest.mark.parametrize(
    ("body", "votes", "is_approval"),
    [
        ("approved this merge request", {"Approval": 1}, True),
        ("unapproved this merge request", {"Approval": 0}, False),
        ("requested changes", {"Approval": -1}, False),
    ],
)
def test_approving_is_a_word_though_a_system_note_tells_it(body: str, votes: dict[str, int], is_approval: bool) -> None:
    (word,) = after_upload(notice(body, by=RITA))
    assert (word.kind, word.votes, word.is_approval) == (EventKind.WORD, votes, is_approval)


def test_a_note_is_a_word_whatever_it_says() -> None:
    (word,) = after_upload(note("merged"))
    assert (word.kind, word.votes, word.is_bot) == (EventKind.WORD, {}, False)


def test_notes_for_members_alone_do_not_count() -> None:
    assert after_upload(note("secret", internal=True), note("secret", confidential=True)) == []


def test_a_notice_by_nobody_still_counts() -> None:
    assert told(after_upload(notice("closed", by=None), note("?", by=None))) == [("abandon", None), ("word", None)]


def test_each_push_is_a_patch_set() -> None:
    change = read(note("hm", 3), notice("added 1 commit", 5), note("better", 7), notice("added 2 commits", 9))
    assert change.patchsets == 3
    assert [event.patchset for event in change.events] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("author", "is_bot"),
    [
        ({"id": 3, "username": "renovate", "bot": True}, True),
        ({"id": 3, "username": "project_278964_bot"}, True),
        ({"id": 3, "username": "project_278964_bot2"}, True),
        ({"id": 3, "username": "group_9970_bot_4ffca233d8298ea1"}, True),
        ({"id": 3, "username": "service_account_group_9970_abc"}, True),
        ({"id": 3, "username": "listed"}, True),
        ({"id": 3, "username": "robot_lover"}, False),
        ({"id": 3, "username": "project_bot_fan"}, False),
    ],
)
def test_bots_are_known_by_mark_by_name_and_by_list(author: dict[str, Any], is_bot: bool) -> None:
    (word,) = after_upload(note("Build failed", by=author), bots={"listed"})
    assert (word.is_bot, word.by and word.by.is_bot) == (is_bot, is_bot)


def test_approvals_without_a_note_are_added_once() -> None:
    approvals = {"approved_by": [{"user": RITA}, {"user": NORA, "approved_at": at(9)}]}
    events = after_upload(notice("approved this merge request", 5, RITA), approvals=approvals)
    assert [(event.at, event.by and event.by.username, event.is_approval) for event in events] == [
        (moment(5), "rita", True),
        (moment(9), "nora", True),
    ]


def test_an_approval_without_a_time_counts_at_the_latest_change() -> None:
    events = after_upload(
        notice("approved this merge request", 5, RITA),
        notice("unapproved this merge request", 6, RITA),
        approvals={"approved_by": [{"user": RITA}]},
    )
    assert events[-1].at == moment(50)


def test_when_it_was_closed_and_by_whom() -> None:
    by_note = read(notice("merged", 9, RITA), more={"state": "merged", "merged_at": at(8), "merge_user": NORA})
    assert (by_note.closed_at, told(list(by_note.events))[-1]) == (moment(9), ("merge", "rita"))
    by_field = read(more={"state": "merged", "merged_at": at(8), "merged_by": None, "merge_user": RITA})
    assert (by_field.closed_at, told(list(by_field.events))[-1]) == (moment(8), ("merge", "rita"))
    closed = read(more={"state": "closed", "closed_at": at(8), "closed_by": RITA})
    assert (closed.closed_at, told(list(closed.events))[-1]) == (moment(8), ("abandon", "rita"))
    assert read(more={"state": "closed"}).closed_at == moment(50)


def test_events_are_in_time_order_though_notes_may_not_be() -> None:
    events = read(note("b", 9), note("a", 3), more={"state": "merged", "merged_at": at(5)}).events
    assert [event.at for event in events] == [moment(0), moment(3), moment(5), moment(9)]


def test_times_with_a_zone_become_utc() -> None:
    assert read(more={"updated_at": "2026-11-20T14:00:50.000+02:00"}).updated_at == moment(50)


def test_what_every_gitlab_sends_may_not_be_absent() -> None:
    broken = raw()
    del broken["author"]
    with pytest.raises(KeyError, match="author"):
        parse_merge_request(broken)


def test_recorded_merge_requests_are_read() -> None:
    recorded = gitlab("merge-requests")
    changes = [parse_merge_request(one) for one in recorded]
    assert [change.number for change in changes] == [one["iid"] for one in recorded]
    assert changes[0].project == "gitlab-org/gitlab-ee"
    assert changes[0].work_in_progress
    alone = gitlab("merge-request")
    assert parse_merge_request(alone, pipeline=alone["head_pipeline"]).head_checks_failed is False
