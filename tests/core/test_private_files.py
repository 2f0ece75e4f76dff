"""What a site keeps is read by its own account alone, whatever umask its processes were started with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.core.database import make_engine
from portal.core.private_files import private_file

CONFIG = '[site]\nurl = "http://127.0.0.1:8000"\ndata_dir = "{folder}"\n'
UMASK = "import os, sys; os.umask(int(sys.argv.pop(1), 8))\n"
COMMAND = UMASK + "from portal.cli import main; main()"
SERVE = UMASK + "from portal.server import make_served_app; make_served_app()"


@pytest.mark.parametrize("umask", ["0000", "0022"])
def test_files_and_folders_of_a_site_are_for_its_account_alone(tmp_path: Path, umask: str) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup.tar.gz"
    (tmp_path / "config.toml").write_text(CONFIG.format(folder=data))
    environ = {**os.environ, "PORTAL_CONFIG": str(tmp_path / "config.toml")}
    for code, *words in ((COMMAND, "db", "upgrade"), (SERVE,), (COMMAND, "db", "backup", str(backup))):
        subprocess.run([sys.executable, "-c", code, umask, *words], env=environ, check=True, capture_output=True)
    kept = {path: path.stat().st_mode & 0o777 for path in (data, *data.rglob("*"), backup)}
    assert {path.name for path in kept} >= {"data", "portal.db", "jobs.db", "secret_key", backup.name}
    assert len(kept) > 6  # and what is kept of the content
    assert {path: oct(mode) for path, mode in kept.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "portal.db"
    file.write_text("kept")
    file.chmod(0o644)
    assert private_file(file).read_text() == "kept"
    assert file.stat().st_mode & 0o777 == 0o600


READ_ELSEWHERE = (
    "import sqlite3, sys; read = sqlite3.connect(sys.argv[1]);"
    " print(read.execute('SELECT count(*) FROM notes').fetchone()[0]); read.close()"
)


def test_what_is_written_stays_though_another_process_has_read_meanwhile(tmp_path: Path) -> None:
    """Who closes any file loses every lock of the process on it (fcntl(2)): who reads would take the log away."""
    file = tmp_path / "portal.db"
    engine = make_engine(f"sqlite:///{file}")

    def counted_elsewhere() -> int:
        done = subprocess.run([sys.executable, "-c", READ_ELSEWHERE, str(file)], check=True, capture_output=True)
        return int(done.stdout)

    with engine.begin() as first:
        first.exec_driver_sql("CREATE TABLE notes (note TEXT)")
    with engine.connect(), engine.execution_options(sqlite_begin="DEFERRED").connect() as second:
        second.exec_driver_sql("SELECT 1 FROM notes")
        second.rollback()
    assert counted_elsewhere() == 0
    with engine.begin() as writing:
        writing.exec_driver_sql("INSERT INTO notes VALUES ('kept')")
    assert counted_elsewhere() == 1
    engine.dispose()
