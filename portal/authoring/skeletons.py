"""The texts that new content files begin with: correct as they stand, every sentence asking to be replaced."""

from __future__ import annotations

TRACK = """\
id = "{track_id}"
order = {order}
title = "{title}"
summary = "Write: in one sentence, what people can do afterwards."
audience = "Write: in one sentence, for whom this is and what they should know before."
outcomes = [
  "Write: one thing that people can do afterwards, beginning with a verb.",
  "Write: another one; two to five in all.",
]

[[modules]]
id = "{module_id}"
title = "Get ready"

{step}"""

STEP_TABLE = """\
[[modules.steps]]
id = "{step_id}"
slug = "{slug}"
minutes = 10
teaches = {{}}
prerequisites = [{prerequisites}]
evidence = "{evidence}"
"""

STEP = """\
---
title: "{title}"
summary: "Write: in one line, what is done at the end of this step."
{evidence}---

Write: in two or three sentences, why this step is worth the time.

## Do this

Write: one action a paragraph, with the command and what it answers.

```sh
git status
```

## See that it worked

Write: what people have before them when all went well.

## When it did not

Write: the error that most people meet here, word for word, and what to do about it.
"""

PROVE = """\
prove: "Write: what to note down when it is done, such as the address of the change."
"""

QUIZ = """\
quiz:
  - id: first-question
    ask: "Write: a question that somebody who did this step can answer."
    kind: single
    answers:
      - id: a
        text: "Write: the right answer."
        right: true
        because: "Write: why it is right."
      - id: b
        text: "Write: what somebody could well believe."
        because: "Write: why it is not so."
  - id: second-question
    ask: "Write: a question whose answer is typed."
    kind: short
    accept: ["git status"]
    because: "Write: why this is the answer."
"""

ROLE = """\
---
title: "{title}"
purpose: "Write: in one sentence, what this role is for."
permissions: []
min_seats: 0
skills: []
appointed_by: {appointed_by}
---

## Responsibilities

### Must

- Write: what nobody else does when the holder does not.

### Should

- Write: what makes the role done well.

### May

- Write: what the role allows.

## How to enter

Write: what somebody should have done before, whom they write to, and who decides.

## Term

Write: for how long, and whether one may be appointed again.

## How to leave and hand over

1. Write: what the holder gives to the next one, and to whom they say that they leave.
"""
