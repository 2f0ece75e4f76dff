"""language: new, update, status. The commands for translators of the interface; they need no site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.cli.authoring import FOLDER, content_files, written
from portal.core.terminal import print_failure, print_note, print_success

if TYPE_CHECKING:
    from pathlib import Path

    from portal.authoring.languages import LanguageStatus


@click.group()
def language() -> None:
    """Add a language of the interface, and see how far each has come."""


@language.command("new")
@click.argument("code")
def language_new(code: str) -> None:
    """Begin a language: an empty catalogue, and its lines in the table of languages.

    CODE is a code of CLDR, such as es, pt-br or zh-hant. The language is not in the menu until you put it there;
    ?uselang=CODE shows it. Where [site] content of the settings names a folder, both are written into it, below
    translations.

    \b
    Examples: portal language new eo
              portal language new pt-br
    """
    from portal.authoring.languages import new_language, own_folder
    from portal.cli.base import load_settings
    from portal.core.content import short_path

    files, code = content_files(), code.strip().replace("_", "-").lower()
    catalogue, table = written(lambda: new_language(code, own=own_folder(files)))
    for path in (catalogue, table):
        print_success(short_path(path))
    role = short_path(files.place(f"roles/mentor.{code}.md"))
    print_note(
        f"1. Write your words into the quotes behind msgstr, in {short_path(catalogue)}.\n"
        f"2. Start the site, and look at them: {load_settings().site.url}/?uselang={code}\n"
        f"3. Translate content: write {role} after mentor.md, and so on.\n"
        f"   What there is to do: portal language status {code}\n"
        f"4. When no message is missing, take in_menu = false out of {short_path(table)}."
    )


@language.command("update")
@click.argument("code")
def language_update(code: str) -> None:
    """Bring the messages of this version of the portal into a catalogue of your own. What is translated stays.

    Messages that the portal does not say any more go to the end of the file, commented out. Do it after an upgrade.

    \b
    Example: portal language update de
    """
    from portal.authoring.languages import bring_up_to_date, own_folder
    from portal.core.content import short_path
    from portal.core.errors import Invalid

    own = own_folder(content_files())
    if own is None:
        raise Invalid("There is no folder of your own: name one in [site] content of the settings, and make it.")
    news = written(lambda: bring_up_to_date(code.replace("_", "-").lower(), own))
    print_success(f"{short_path(news.path)}: {news.added} new messages, {news.gone} that are not said any more.")


@language.command("status")
@click.argument("code", required=False)
@FOLDER
def language_status(code: str | None, folder: Path | None) -> None:
    """Show for each language how many messages and content files are translated, and read by a native speaker.

    With CODE: that one only, and every content file that is missing or stale.

    \b
    Examples: portal language status
              portal language status es
    """
    from portal.app import load_content
    from portal.authoring.languages import status_of
    from portal.core.content import short_path
    from portal.core.i18n import target_languages

    if code and code not in target_languages():
        print_failure(f"Nothing is translated into “{code}”. There are: {', '.join(target_languages())}")
        click.get_current_context().exit(1)
    files = content_files(folder)
    library = load_content(files.shipped, own=files.own)
    for one in [target_languages()[code]] if code else target_languages().values():
        status = status_of(one, library, files)
        _tell(status)
        for work in status.works if code else ():
            click.echo(f"  {work.state:<7}  {short_path(work.path)}")


def _tell(status: LanguageStatus) -> None:
    language = status.language
    click.echo(f"{language.code}  {language.name}{'' if language.in_menu else '  (not in the menu)'}")
    unread = f", {status.unread} not read by a native speaker" if status.unread else ""
    click.echo(f"    messages  {status.translated} of {status.messages} translated{unread}")
    stale = f", {status.stale} of them stale" if status.stale else ""
    click.echo(f"    content   {status.files - status.missing} of {status.files} files{stale}")
