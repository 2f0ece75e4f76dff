"""Makers of content: a copy of the content folder, and a small track of three steps in two languages."""

from __future__ import annotations

import shutil
from pathlib import Path

from portal.core.content import content_folder, fingerprint

TRACK_ID = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a01"
MODULE_ID = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a02"
LATER_MODULE_ID = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a03"
READ_ID = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a04"
TRY_ID = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a05"
ASK_ID = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a06"

TOML = f"""id = "{TRACK_ID}"
order = 10
title = "First steps"
title_fr = "Premiers pas"
summary = "Afterwards you know how a track feels."
summary_fr = "Après, vous savez ce qu’est un parcours."
audience = "For everybody; nothing needs to be known."
audience_fr = "Pour tout le monde ; rien n’est requis."
source = "gerrit"
formerly = ["old-steps"]

[[modules]]
id = "{MODULE_ID}"
title = "Get ready"
title_fr = "Se préparer"

[[modules.steps]]
id = "{READ_ID}"
slug = "read-this-first"
minutes = 5
teaches = {{}}
prerequisites = []
evidence = "self-declared"
formerly = ["read-me"]

[[modules.steps]]
id = "{TRY_ID}"
slug = "try-it"
minutes = 20
teaches = {{ git = 1 }}
prerequisites = ["read-this-first"]
evidence = "self-declared"

[[modules]]
id = "{LATER_MODULE_ID}"
title = "Look back"
title_fr = "Revenir"

[[modules.steps]]
id = "{ASK_ID}"
slug = "what-you-know"
minutes = 10
teaches = {{ git = 2 }}
prerequisites = ["try-it"]
evidence = "quiz"
"""
READ = """---
title: Read this first
summary: What awaits you.
prove: What you expect of it
---

Welcome. Then [try it](/tracks/first-steps/try-it).

## What you need

An hour, and the [help](/help/getting-started).
"""
READ_FR = """---
title: À lire d’abord
summary: Ce qui vous attend.
prove: Ce que vous en attendez
translates: TRANSLATES
---

Bienvenue. Ensuite, [essayez](/tracks/first-steps/try-it).

## Ce qu’il vous faut

Une heure, et [l’aide](/help/getting-started).
"""
TRY = """---
title: Try it
summary: One command.
prove: What you saw
---

## Type this

```sh
git status
```

## Then look

It says where you are. Back to [what you need](/tracks/first-steps/read-this-first#what-you-need).
"""
TRY_FR = """---
title: Essayez
summary: Une commande.
prove: Ce que vous avez vu
translates: TRANSLATES
---

## Tapez ceci

```sh
git status
```

## Puis regardez

La réponse dit où vous êtes.
"""
ASK = """---
title: What you know
summary: Three questions.
quiz:
  - id: which-line
    ask: Which line ties the versions of a change together?
    kind: single
    answers:
      - id: a
        text: The Change-Id line
        right: true
        because: Gerrit looks for it in the last paragraph of the message.
      - id: b
        text: The first line
        because: It is only the title.
  - id: which-commands
    ask: Which commands change nothing?
    kind: multiple
    answers:
      - id: status
        text: git status
        right: true
        because: It only looks.
      - id: log
        text: git log
        right: true
        because: It only tells.
      - id: commit
        text: git commit
        because: It makes a commit.
  - id: amend
    ask: Type the command that adds what is staged to the last commit.
    kind: short
    accept: ["git commit --amend", "git commit --amend --no-edit"]
    because: It rewrites the last commit instead of adding a second one.
---

Answer from memory.
"""
ASK_FR = """---
title: Ce que vous savez
summary: Trois questions.
translates: TRANSLATES
quiz:
  - id: which-line
    ask: Quelle ligne relie les versions d’une modification ?
    answers:
      - id: a
        text: La ligne Change-Id
        because: Gerrit la cherche dans le dernier paragraphe du message.
      - id: b
        text: La première ligne
        because: Ce n’est que le titre.
  - id: which-commands
    ask: Quelles commandes ne changent rien ?
    answers:
      - id: status
        text: git status
        because: Elle ne fait que regarder.
      - id: log
        text: git log
        because: Elle ne fait que raconter.
      - id: commit
        text: git commit
        because: Elle crée un commit.
  - id: amend
    ask: Tapez la commande qui ajoute au dernier commit ce qui est indexé.
    because: Elle réécrit le dernier commit au lieu d’en ajouter un second.
---

Répondez de mémoire.
"""


def copied(folder: Path) -> Path:
    """A copy of the content folder without its tracks, in `folder`/content."""
    return Path(shutil.copytree(content_folder(), folder / "content", ignore=shutil.ignore_patterns("tracks")))


def with_track(content: Path, slug: str = "first-steps") -> Path:
    """The small track put into this content folder, which is returned. Only one slug at a time: the ids are fixed."""
    track = content / "tracks" / slug
    track.mkdir(parents=True)
    (track / "track.toml").write_text(TOML, encoding="utf-8")
    texts = {"read-this-first": (READ, READ_FR), "try-it": (TRY, TRY_FR), "what-you-know": (ASK, ASK_FR)}
    for step, (english, french) in texts.items():
        source = english.replace("/first-steps/", f"/{slug}/")
        stamped = french.replace("/first-steps/", f"/{slug}/").replace("TRANSLATES", f'"{fingerprint(source)}"')
        (track / f"{step}.md").write_text(source, encoding="utf-8")
        (track / f"{step}.fr.md").write_text(stamped, encoding="utf-8")
    return content
