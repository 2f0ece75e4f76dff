"""Walks a whole track as somebody would in a browser: over HTTP, by what the pages show."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from portal.tracks.content import Evidence, QuestionKind, QuizQuestion, Step, Track

CONTINUE = re.compile(r'<a class="button primary" href="([^"]+)"')


def walk_track(client: Any, track: Track, *, language: str = "en") -> list[str]:
    """Start this track, do every step that the portal names next, and give back their slugs in that order.

    Each step's quiz is first answered wrongly, then rightly. Ends when the track is finished; raises AssertionError
    where a page does not answer as it should.
    """
    client.get(f"/tracks/{track.slug}?uselang={language}")
    answer = client.post(f"/tracks/{track.slug}/start")
    walked: list[str] = []
    while len(walked) < len(track.steps):
        assert answer.status_code == 303, (walked, answer.status_code)
        slug = answer.location.partition("#")[0].rsplit("/", 1)[1]
        step = next(one for one in track.steps if one.slug == slug)
        assert slug not in walked, f"{slug} is named twice"
        walked.append(slug)
        answer = _do(client, track, step, language)
        if len(walked) < len(track.steps):
            page = client.get(answer.location)
            assert page.status_code == 200
            answer = _Next(unescape(_match(CONTINUE, page.text)))
    assert answer.location == f"/tracks/{track.slug}"
    return walked


class _Next:
    """The step that the page names next, as if it had led there itself."""

    status_code = 303

    def __init__(self, location: str) -> None:
        self.location = location


def _do(client: Any, track: Track, step: Step, language: str) -> Any:
    url = f"/tracks/{track.slug}/{step.slug}"
    page = client.get(url)
    assert page.status_code == 200
    assert f'lang="{step.text_in(language).language}" dir="ltr"' in page.text
    if step.evidence is Evidence.SELF_DECLARED:
        return client.post(f"{url}/done", data={"note": f"I did {step.slug}."})
    questions = step.text_in(language).quiz
    wrong = client.post(f"{url}/answer", data={f"q-{one.id}": wrong_answer(one) for one in questions})
    assert wrong.status_code == 303
    again = client.get(url).text
    assert all(f'name="q-{one.id}"' in again for one in questions)
    return client.post(f"{url}/answer", data={f"q-{one.id}": right_answer(one) for one in questions})


def right_answer(question: QuizQuestion) -> list[str]:
    """What to send so that this question is answered rightly."""
    if question.kind is QuestionKind.SHORT:
        return [question.accept[0]]
    return [answer.id for answer in question.answers if answer.is_right]


def wrong_answer(question: QuizQuestion) -> list[str]:
    """What to send so that it is not."""
    if question.kind is QuestionKind.SHORT:
        return ["this is surely not it"]
    wrong = [answer.id for answer in question.answers if not answer.is_right]
    return wrong[:1] or [question.answers[0].id]


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    assert found, "the page names no next step"
    return found[1]
