"""The settings of a site, frozen. Secrets never stand in them: they name the environment variables which hold them."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from portal.core.colours import COLOUR
from portal.core.look import LINK, LookConfig
from portal.core.private_files import private_folder

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
HTTP_URL = r"^https?://[^\s/?#@]+(:\d+)?(/[^\s?#]*)?$"
ENV_NAME = r"^([A-Z][A-Z0-9_]*)?$"
CONTACT = r"^$|^(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\+?[0-9-]+)$"
SHORTEST_KEY = 32
QUEUE = r"^$|^(redis|rediss|postgresql)://"
Slug = Annotated[str, Field(pattern=SLUG, max_length=40)]
HttpUrl = Annotated[str, Field(pattern=HTTP_URL, max_length=300)]
EnvName = Annotated[str, Field(pattern=ENV_NAME)]
# What to write where a value has not the shape it needs.
SHAPES = {
    SLUG: "write small letters, digits and single hyphens, such as our-gerrit",
    HTTP_URL: "write an address such as https://gerrit.example.org, without a name, a password, ? or #",
    ENV_NAME: "write the name of an environment variable, such as GERRIT_PASSWORD, and put the secret there",
    CONTACT: "write an address such as mailto:security@example.org or https://example.org/security, or leave it empty",
    COLOUR: "write a colour such as #463aa8, or leave it empty",
    LINK: "write an address that begins with https://, http:// or mailto:",
    QUEUE: "write an address that begins with redis://, rediss:// or postgresql://, or leave it empty",
}


class ConfigError(Exception):
    """The settings cannot be used. `problems` are sentences, each naming its key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ConfigSection(BaseModel):
    """A table of the file: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteConfig(ConfigSection):
    """[site]: what this site is called and where it lives."""

    name: str = Field("Contributor Portal", min_length=1, max_length=80)
    url: HttpUrl = "http://127.0.0.1:8000"
    data_dir: Path = Path("var")
    contact: str = Field("", max_length=200)
    security_contact: str = Field("", pattern=CONTACT, max_length=200)
    security_expires: date | Literal[""] = ""
    content: Path | None = None
    default_language: str = "en"
    time_zone: str = Field("UTC", max_length=64)
    behind_proxies: int = Field(0, ge=0, le=5)
    log_format: Literal["text", "json"] = "text"

    @field_validator("content", mode="before")
    @classmethod
    def _no_folder_is_none(cls, folder: object) -> object:
        return None if folder == "" else folder

    @field_validator("default_language")
    @classmethod
    def _is_in_the_menu(cls, code: str, info: ValidationInfo) -> str:
        # Here, for most sites keep the default, and commands start sooner without it.
        from portal.core.content import BrokenContentError
        from portal.core.i18n import languages_of

        try:
            codes = [language.code for language in languages_of(info.data.get("content")).menu]
        except BrokenContentError:
            return code  # what is wrong with the site's own table is told where the content is read
        if code not in codes:
            raise ValueError(f"write {' or '.join(codes)}")
        return code

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {name}; write a place such as Europe/Paris, or UTC") from error
        return name

    @field_validator("url")
    @classmethod
    def _no_trailing_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _security_is_said_whole(self) -> SiteConfig:
        if bool(self.security_contact) != bool(self.security_expires):
            raise ValueError("security_contact and security_expires go together: set both, or none")
        return self

    @property
    def folder(self) -> str:
        """The path at which the site lives on its host, such as "/portal"; empty at the root."""
        return urlsplit(self.url).path

    @property
    def zone(self) -> tzinfo:
        """The clock by which nightly work is done."""
        return ZoneInfo(self.time_zone)

    @property
    def is_local(self) -> bool:
        """Whether the site's address is on loopback: then demo data may be loaded and cookies need no https."""
        return is_loopback(urlsplit(self.url).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class DatabaseConfig(ConfigSection):
    """[database]: SQLite under data_dir, or PostgreSQL."""

    url: str = Field("", max_length=500)
    url_env: EnvName = ""
    pool_size: int = Field(5, ge=1, le=100)


class JobsConfig(ConfigSection):
    """[jobs]: where the queue lives and how many threads work on it."""

    queue: str = Field("", pattern=QUEUE)
    queue_env: EnvName = ""
    workers: int = Field(2, ge=1, le=32)


class MailConfig(ConfigSection):
    """[mail]: SMTP, or the log while `host` is empty."""

    host: str = Field("", max_length=255)
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = Field("", max_length=255)
    password_env: EnvName = ""
    sender: str = Field("Contributor Portal <portal@localhost>", max_length=320)
    timeout: int = Field(20, ge=1, le=300)


class WikiConfig(ConfigSection):
    """[wiki]: the community's MediaWiki; people's wiki accounts link to it."""

    url: HttpUrl | Literal[""] = ""


class ToolhubConfig(ConfigSection):
    """[toolhub]: the catalogue in which the community's tools are listed; their pages link to it."""

    url: HttpUrl | Literal[""] = ""


class SessionsConfig(ConfigSection):
    """[sessions]: how long people stay signed in, and how soon they are asked again who they are."""

    idle_days: int = Field(14, ge=1, le=365)
    idle_minutes: int = Field(0, ge=0, le=1440)
    absolute_days: int = Field(30, ge=1, le=365)
    absolute_hours: int = Field(0, ge=0, le=720)
    prove_again_minutes: int = Field(15, ge=1, le=1440)

    @model_validator(mode="after")
    def _idle_ends_first(self) -> SessionsConfig:
        if self.idle_days > self.absolute_days:
            raise ValueError("idle_days is more than absolute_days, at which a session ends anyway: write less")
        if 0 < self.idle_minutes < 10:
            raise ValueError("idle_minutes is too few: visits are noted every five minutes. Write 10 or more, or 0")
        return self

    @property
    def idle(self) -> timedelta:
        """Without a visit for so long, a session has ended."""
        return timedelta(minutes=self.idle_minutes) if self.idle_minutes else timedelta(days=self.idle_days)

    @property
    def absolute(self) -> timedelta:
        """A session ends at this age, however much it is used."""
        return timedelta(hours=self.absolute_hours) if self.absolute_hours else timedelta(days=self.absolute_days)


class LimitsConfig(ConfigSection):
    """[limits]: the numbers that rules use. Times are in the unit their name says."""

    newcomer_changes: int = Field(3, ge=1, le=100)
    first_sync_days: int = Field(90, ge=1, le=3650)
    sync_every_minutes: int = Field(5, ge=1, le=1440)
    queue_page: int = Field(50, ge=10, le=200)
    patience_days: int = Field(14, ge=1, le=365)
    hold_minutes: int = Field(30, ge=5, le=1440)
    holds_each: int = Field(3, ge=1, le=20)
    request_days: int = Field(60, ge=7, le=365)
    default_capacity: int = Field(2, ge=1, le=20)
    sign_in_tries: int = Field(8, ge=3, le=100)
    sign_in_minutes: int = Field(15, ge=1, le=1440)
    reset_minutes: int = Field(30, ge=5, le=1440)
    api_per_minute: int = Field(600, ge=10, le=10000)
    feeds_per_minute: int = Field(60, ge=5, le=10000)
    csv_per_minute: int = Field(30, ge=5, le=10000)
    lists_per_minute: int = Field(300, ge=10, le=10000)
    invitations_a_day: int = Field(20, ge=1, le=1000)
    security_days: int = Field(90, ge=1, le=3650)
    alarm_an_hour: int = Field(40, ge=0, le=100000)
    csv_rows: int = Field(20000, ge=100, le=1000000)
    acts_percent: int = Field(100, ge=10, le=10000)
    new_account_days: int = Field(7, ge=0, le=365)
    times_with_role: int = Field(3, ge=1, le=100)
    sign_up_seconds: int = Field(2, ge=0, le=60)


class ApiConfig(ConfigSection):
    """[api]: which pages elsewhere may have browsers ask the API. "*" is all: they only read, by no token."""

    cors_origins: tuple[str, ...] = ()

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and not _is_safe_origin(origin):
                raise ValueError(
                    f'{origin!r} is no origin as browsers send it: write such as "https://maps.example.org", in small '
                    "letters, without a path or a slash at its end; http is for this machine alone"
                )
        return origins


def _is_safe_origin(origin: str) -> bool:
    """Whether browsers send this origin as it is written here, and nobody on the way can pass for it."""
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    usual = {"https": 443, "http": 80}
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    written = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port is not None else ''}"
    is_written_so = origin == written and origin.isascii() and not set(origin) & set("*%_ ")
    return is_safe and bool(host) and is_written_so and port != usual.get(parts.scheme)


class SourceConfig(ConfigSection):
    """[[sources]]: what every review server has. Each kind of server adds to it (see portal.forges)."""

    slug: Slug
    kind: str
    name: str = Field("", max_length=80)
    url: HttpUrl
    bots: frozenset[str] = frozenset()
    timeout: int = Field(30, ge=1, le=600)
    page_size: int = Field(100, ge=1, le=500)

    @property
    def label(self) -> str:
        """What people read: the name, or the slug where there is none."""
        return self.name or self.slug

    @field_validator("url")
    @classmethod
    def _no_trailing_slash(cls, url: str) -> str:
        return url.rstrip("/")


class SignInRulesConfig(ConfigSection):
    """[sign_in_rules]: who may sign up: everybody, only people who are invited, or only people with an account at a
    service of [[sign_in]]; whether those whose roles permit something show a second factor, and others confirm an
    address before they act.
    """

    sign_up: Literal["open", "invitation", "provider"] = "open"
    second_factor: Literal["off", "suggested", "demanded"] = "off"
    confirm_address_first: bool = False


class SignInConfig(ConfigSection):
    """[[sign_in]]: a service whose accounts people can sign in with. `url` is its issuer, or the folder of api.php.

    `service` says which of the accounts in profiles such an account is: the slug of a source, or "wiki"; empty: those
    of the source or wiki on the same server.
    """

    slug: Slug
    kind: Literal["mediawiki", "gitlab", "github", "openid"]
    name: str = Field("", max_length=80)
    url: HttpUrl
    client_id: str = Field(min_length=1, max_length=300)
    client_secret_env: EnvName = ""
    service: str = Field("", max_length=40)

    @property
    def label(self) -> str:
        """What people read: the name, or where the service is."""
        return self.name or urlsplit(self.url).netloc

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ValueError("write an address that begins with https://: what is sent there signs people in")
        return url.rstrip("/")


class Config(ConfigSection):
    """All settings of a site."""

    site: SiteConfig = SiteConfig()
    look: LookConfig = LookConfig()
    database: DatabaseConfig = DatabaseConfig()
    jobs: JobsConfig = JobsConfig()
    mail: MailConfig = MailConfig()
    wiki: WikiConfig = WikiConfig()
    toolhub: ToolhubConfig = ToolhubConfig()
    sessions: SessionsConfig = SessionsConfig()
    limits: LimitsConfig = LimitsConfig()
    api: ApiConfig = ApiConfig()
    sources: tuple[SourceConfig, ...] = ()
    sign_in: tuple[SignInConfig, ...] = ()
    sign_in_rules: SignInRulesConfig = SignInRulesConfig()

    @model_validator(mode="after")
    def _slugs_differ(self) -> Config:
        slugs = [source.slug for source in self.sources]
        twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        if twice:
            raise ValueError(f"sources: the slug {', '.join(twice)} is used twice; each source needs its own")
        return self

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> Config:
        slugs = [provider.slug for provider in self.sign_in]
        twice = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        if twice:
            raise ValueError(f"sign_in: the slug {', '.join(twice)} is used twice; each service needs its own")
        if self.sign_in_rules.sign_up == "provider" and not self.sign_in:
            raise ValueError('sign_in_rules.sign_up: "provider" needs a [[sign_in]], or nobody could sign up')
        known = ["", *(source.slug for source in self.sources), *(["wiki"] if self.wiki.url else [])]
        for provider in self.sign_in:
            if provider.service not in known:
                meant = " or ".join(known[1:]) or "leave it out, for there are no sources and no wiki"
                raise ValueError(f"sign_in: {provider.slug} has a service that is not set up here: write {meant}")
        return self

    def sign_in_back(self, slug: str) -> str:
        """Where the service of this slug sends people back to who sign in with it: what an admin registers there."""
        return f"{self.site.url}/sign-in-with/{slug}/back"

    def database_url(self, environ: Mapping[str, str] = os.environ) -> str:
        """The database's address: from the named environment variable, else the file, else SQLite under data_dir.

        Raises ConfigError when the named variable is empty: another database must not be taken for it in silence.
        """
        from_environment = _from_environment("database.url_env", self.database.url_env, environ)
        return from_environment or self.database.url or f"sqlite:///{self.site.data_dir.resolve() / 'portal.db'}"

    def queue_url(self, environ: Mapping[str, str] = os.environ) -> str:
        """The queue's address: from the named environment variable, else the file; empty for SQLite under data_dir.

        Raises ConfigError when the named variable is empty or holds no such address.
        """
        from_environment = _from_environment("jobs.queue_env", self.jobs.queue_env, environ)
        if from_environment and not re.match(QUEUE, from_environment):
            raise ConfigError([f"jobs.queue_env: {self.jobs.queue_env} holds no address of a queue: {SHAPES[QUEUE]}"])
        return from_environment or self.jobs.queue


def _from_environment(key: str, name: str, environ: Mapping[str, str]) -> str:
    if name and not environ.get(name):
        raise ConfigError([f"{key}: the variable {name} is empty; set it for every process and command of the portal"])
    return environ.get(name, "") if name else ""


def secret_key(config: Config, environ: Mapping[str, str] = os.environ) -> str:
    """PORTAL_SECRET_KEY, else the key kept under data_dir: made on the first start, readable by its owner alone."""
    from_environment = environ.get("PORTAL_SECRET_KEY", "")
    if from_environment:
        return from_environment
    path = config.site.data_dir / "secret_key"
    if not path.exists():
        _make_secret_key(path)
    return path.read_text().strip()


def password_keys(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """PORTAL_PASSWORD_KEY: what passwords are mixed with before they are hashed; none where it is not set.

    Of several, with commas between them, the first is for new hashes, the others for those of before. Raises
    ConfigError for one that is too short to be a secret.
    """
    keys = tuple(key for one in environ.get("PORTAL_PASSWORD_KEY", "").split(",") if (key := one.strip()))
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise ConfigError(
            [f"PORTAL_PASSWORD_KEY: a key has fewer than {SHORTEST_KEY} characters; make one: openssl rand -hex 32"]
        )
    return keys


def _make_secret_key(path: Path) -> None:
    # Written whole beside its place and linked there, so that two processes starting at once agree on one key.
    private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
