"""What a command says when the site itself is at fault: sentences instead of tracebacks."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from portal.core.config import ConfigError
from portal.core.content import BrokenContentError
from portal.core.errors import PortalError
from portal.core.terminal import print_failure, print_note


def explain(error: Exception) -> bool:
    """Say what is wrong; False for an error that is no fault of the site but of the program."""
    if isinstance(error, ConfigError | BrokenContentError):
        for problem in error.problems:
            print_failure(str(problem))
    elif isinstance(error, PortalError):
        print_failure(str(error.message))
    elif isinstance(error, SQLAlchemyError | sqlite3.Error):
        print_failure(f"The database says: {error.__cause__ or error}")
        print_note("`portal doctor` tells more.")
    elif isinstance(error, OSError):
        print_failure(f"{error.filename or 'The system'}: {error.strerror or error}")
        print_note("See that [site] data_dir can be written by the account this runs as, and that the disk has room.")
    else:
        return False
    return True
