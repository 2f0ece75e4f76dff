"""content: check, new, replace, stamp. The commands for authors; they need content folders, no site."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portal.core.terminal import print_failure, print_note, print_success

if TYPE_CHECKING:
    from portal.core.content import Library
    from portal.core.content_files import ContentFiles

FOLDER = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A whole content folder, instead of what came with the program and what [site] content names.",
)


def title_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--title, for every kind of content that has one."""
    return click.option("--title", default="", help="The title in English; made from the slug when not given.")(command)


@click.group()
def content() -> None:
    """Write and check the content files."""


@content.command("check")
@click.option("--translations", is_flag=True, help="List what is to be translated or brought up to date, too.")
@FOLDER
def content_check(translations: bool, folder: Path | None) -> None:
    """Read every content file and tell each problem as file:line, what, how to mend it. Exit 1 when there is one.

    A sentence that still begins with “Write:” and an id that nothing uses are told as well, although a site starts with
    them. A translation that is missing or older than its English text is work: --translations lists it.

    \b
    Examples: portal content check
              portal content check --translations
    """
    from portal.core.content import short_path

    files = content_files(folder)
    library = _checked(files)
    print_success("Every content file is sound.")
    _tell_own(files)
    if translations:
        from portal.authoring.translations import to_translate
        from portal.core.i18n import target_languages

        works = to_translate(files, library)
        for work in works:
            click.echo(f"  {work.language}  {work.state:<7}  {short_path(work.path)}")
        counts = Counter(work.language for work in works)
        left = ", ".join(f"{code} {counts[code]}" for code in target_languages())
        print_note(f"To be translated or brought up to date: {left}.")


@content.command("stamp")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def content_stamp(files: tuple[Path, ...]) -> None:
    """Say in translations that they are made from the English text of today.

    Do it when a translation says what the English text says. Until then readers of a step are shown the English one;
    readers of a role or a help page are told that the translation is older.

    Of a file of your own that replaces a shipped one it says that you have looked at the shipped one of today.

    \b
    Example: portal content stamp content/tracks/first-steps/read-this-first.fr.md
    """
    from portal.authoring.translations import stamp
    from portal.core.content import short_path

    for file in files:
        is_new = written(partial(stamp, file, content_files()))
        print_success(f"{short_path(file)} {'is stamped' if is_new else 'was stamped already'}.")


@content.command("replace")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def content_replace(names: tuple[str, ...]) -> None:
    """Copy shipped files into the folder of your own content, [site] content of the settings, there to be changed.

    NAME is where a file stands below content/. It is noted which text yours was made of: when a new version of the
    portal brings another one, `portal content check` says so.

    \b
    Example: portal content replace pages/privacy.md pages/privacy.fr.md
    """
    from portal.authoring.own_content import take_over
    from portal.core.content import short_path

    for name in names:
        print_success(short_path(written(partial(take_over, content_files(), name))))


@content.group("new")
def content_new() -> None:
    """Write the skeleton of a track, a step or a role."""


@content_new.command("track")
@click.argument("slug")
@title_option
@FOLDER
def new_track(slug: str, title: str, folder: Path | None) -> None:
    """Write a track with one module and one step, at /tracks/SLUG.

    \b
    Example: portal content new track first-steps --title "First steps"
    """
    from portal.authoring import new

    _tell(written(lambda: new.new_track(content_files(folder), slug, title)))
    print_note(f"More steps: portal content new step {slug}/SLUG")


@content_new.command("step")
@click.argument("address", metavar="TRACK/STEP")
@click.option("--module", default="", metavar="TITLE|NUMBER", help="The module it belongs to; the last one by default.")
@click.option("--quiz", is_flag=True, help="It is done by answering questions, not by saying so.")
@title_option
@FOLDER
def new_step(address: str, module: str, quiz: bool, title: str, folder: Path | None) -> None:
    """Write a step at the end of a module, at /tracks/TRACK/STEP. It asks for the step before it.

    \b
    Examples: portal content new step first-steps/clone-the-code
              portal content new step first-steps/what-you-know --module "Look back" --quiz
    """
    from portal.authoring import new
    from portal.tracks.content import Evidence

    track, _, slug = address.partition("/")
    evidence = Evidence.QUIZ if quiz else Evidence.SELF_DECLARED
    _tell(written(lambda: new.new_step(content_files(folder), track, slug, module, title, evidence)))


@content_new.command("role")
@click.argument("slug")
@title_option
@FOLDER
def new_role(slug: str, title: str, folder: Path | None) -> None:
    """Write a role that permits nothing and asks for nobody yet, at /roles/SLUG.

    \b
    Example: portal content new role event-organiser --title "Event organiser"
    """
    from portal.authoring import new

    _tell(written(lambda: new.new_role(content_files(folder), slug, title)))


def written(write: Callable[[], Any]) -> Any:
    """What `write` returns; a sentence and exit 1 when the folder cannot be written."""
    try:
        return write()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the file is not UTF-8"
        print_failure(f"{getattr(error, 'filename', None) or 'A file'}: {reason}")
        sys.exit(1)


def content_files(folder: Path | None = None) -> ContentFiles:
    """The files of this content folder; without one, what is shipped together with what the settings name."""
    from portal.cli.base import load_settings
    from portal.core.catalogue_checks import checked_languages
    from portal.core.content import Problems, content_folder
    from portal.core.content_files import ContentFiles
    from portal.core.i18n import use_languages

    if folder:
        return ContentFiles(folder)
    own = load_settings().site.content
    use_languages(checked_languages(own, Problems()))
    return ContentFiles(content_folder(), own)


def _tell_own(files: ContentFiles) -> None:
    from portal.authoring.own_content import overview
    from portal.core.content import short_path

    if files.own is None:
        return
    click.echo(f"Otherwise than shipped, by {short_path(files.own)}:")
    for line in overview(files):
        click.echo(f"  {line.how:<8}  {line.what}{f'  ({line.why})' if line.why else ''}")


def _checked(files: ContentFiles) -> Library:
    """The content of these files. Raises BrokenContentError with every problem, also those a site starts with."""
    from portal.app import load_content
    from portal.authoring.own_content import check_own
    from portal.authoring.unfinished import check_unfinished
    from portal.core.content import BrokenContentError, Problems

    problems, library = Problems(), None
    try:
        library = load_content(files.shipped, own=files.own)
    except BrokenContentError as broken:
        problems.found.extend(broken.problems)
    check_unfinished(files, problems)
    check_own(files, problems)
    if problems or library is None:
        raise BrokenContentError(problems)
    return library


def _tell(paths: list[Path]) -> None:
    from portal.core.content import short_path

    for path in paths:
        print_success(short_path(path))
    print_note("Write your own text where it says “Write:”, then: portal content check")
