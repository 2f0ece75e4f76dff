"""What every command shares: sentences instead of tracebacks, the portal, its database."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from portal.core.config import ConfigError
from portal.core.config_file import load_config
from portal.core.content import BrokenContentError
from portal.core.database import Database
from portal.core.errors import PortalError
from portal.core.jobs import Portal
from portal.core.terminal import bad, note
from portal.forges.table import FORGES

HELP = {"help_option_names": ["-h", "--help"]}


class Group(click.Group):
    """A group whose commands end with a sentence, not a traceback, when the site itself is at fault."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; exit 1 with what is wrong."""
        try:
            return super().invoke(context)
        except (ConfigError, BrokenContentError) as error:
            for problem in error.problems:
                bad(str(problem))
        except PortalError as error:
            bad(str(error.message))
        except SQLAlchemyError as error:
            bad(f"The database says: {error.__cause__ or error}")
            note("`portal doctor` tells more.")
        except OSError as error:
            bad(f"{error.filename or 'The system'}: {error.strerror or error}")
            note("See that [site] data_dir can be written by the account this runs as.")
        sys.exit(1)


def the_portal() -> Portal:
    """The whole portal; its database is closed when the command ends."""
    from portal.app import create_app  # late: `portal --help` answers at once

    found: Portal = create_app().extensions["portal"]
    click.get_current_context().call_on_close(found.database.dispose)
    # What is there now stays as long as the command runs: the collector need not look through it again and again.
    gc.freeze()
    return found


def the_database() -> Database:
    """The database alone, for when the portal cannot start without its tables."""
    config = load_config(FORGES.settings)
    config.site.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    import portal.app  # noqa: F401  (every feature's tables are known once the application is imported)

    database = Database(config.database_url(), config.database.pool_size)
    click.get_current_context().call_on_close(database.dispose)
    return database
