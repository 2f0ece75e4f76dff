"""Write a migration from what differs between the models and the tables: `make migration NAME="what it is for"`.

For developers, in a checkout: an installed portal only runs migrations.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal import app  # (every room's tables are known once the application is imported)
from portal.core import migrations
from portal.core.database import Database

STAMP = "%Y%m%d_%H%M"
ROOT = Path(app.__file__).parents[1]


def main(words: list[str]) -> int:
    """Write the migration these words name and tell where it is. Gives the exit code."""
    name = " ".join(words).strip()
    if not any(letter.isalnum() for letter in name):
        print('Say what it is for: make migration NAME="badges of a person"')  # noqa: T201
        return 2
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/portal.db")
        migrations.upgrade(database.engine)
        differs = migrations.drift(database.engine)
        path = migrations.write(database.engine, name, next_revision()) if differs else None
        database.dispose()
    if path is None:
        print("The tables fit the models already: change a models.py first.")  # noqa: T201
        return 1
    _tidy(path)
    print(f"{path}\nRead it, carry old rows over, then: portal db upgrade && make test")  # noqa: T201
    return 0


def next_revision() -> str:
    """The name of a new migration: now, or a minute after the newest where that is dated ahead. Their order is that of
    their names."""
    newest = datetime.strptime(migrations.newest(), STAMP).replace(tzinfo=UTC)
    return max(datetime.now(UTC), newest + timedelta(minutes=1)).strftime(STAMP)


def _tidy(path: Path) -> None:
    for action in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *action, str(path)], cwd=ROOT, check=True)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
