"""What every command shares: sentences instead of tracebacks, the portal, its database."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from portal.core.config import Config
    from portal.core.database import Database
    from portal.core.jobs import Portal

HELP = {"help_option_names": ["-h", "--help"]}


class CommandGroup(click.Group):
    """A group whose commands end with a sentence, not a traceback, when the site itself is at fault."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; exit 1 with what is wrong."""
        # What a start loads stays until the process ends: looking through it for garbage, again and again while it is
        # loaded and once more at the end, was more than a third of the time of `portal doctor`.
        gc.disable()
        try:
            return super().invoke(context)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            from portal.cli.failures import explain  # knows the errors of every floor

            if not explain(error):
                raise
            context.exit(1)
        finally:
            _freeze_loaded()


def open_portal(*, needs_content: bool = True) -> Portal:
    """The whole portal; its database is closed when the command ends. Content is looked at only when it is needed."""
    from portal.app import create_app
    from portal.core.i18n import use_languages

    portal: Portal = create_app(needs_content=needs_content).extensions["portal"]
    use_languages(portal.languages)
    click.get_current_context().call_on_close(portal.database.dispose)
    _freeze_loaded()
    return portal


def load_settings() -> Config:
    """The settings, for commands that need them alone. Raises ConfigError."""
    from portal.core.config_file import load_config
    from portal.forges.table import FORGES

    return load_config(FORGES.settings)


def open_database() -> Database:
    """The database alone, for when the portal cannot start without its tables."""
    import portal.app  # noqa: F401  (every feature's tables are known once the application is imported)
    from portal.core.database import Database
    from portal.core.private_files import private_folder

    config = load_settings()
    private_folder(config.site.data_dir)
    database = Database(config.database_url(), config.database.pool_size)
    click.get_current_context().call_on_close(database.dispose)
    _freeze_loaded()
    return database


def _freeze_loaded() -> None:
    """What is there now stays as long as the command runs: the collector need not look through it again and again."""
    gc.freeze()
    gc.enable()
