"""Fetch files by Maven coordinates with jgo, through the mirrors and proxies that are set for Maven.

jgo knows neither `settings.xml` nor `MAVEN_OPTS` (it reads its own `jgo.conf` and `M2_REPO`), so they
are read here. The library below it honours `HTTPS_PROXY`, `NO_PROXY` and `REQUESTS_CA_BUNDLE`.
"""

import contextlib
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver

from grader.errors import SetupError

CENTRAL = "central"
AT_ONCE = 6
TRIES = 3
PAUSE_S = 1.0
ANSWER_LIMIT_S = 15
Coordinate = tuple[str, str, str]


class Stopped(Exception):
    """A download is given up because another failed or the user wants to stop."""


@dataclass(frozen=True, slots=True)
class Maven:
    """What the user's Maven would use.

    Attributes:
        repositories: Addresses by name, the first asked first.
        local: The folder that Maven keeps files in.
        proxies: Variables such as `HTTPS_PROXY`, where the user has set none.
    """

    repositories: dict[str, str]
    local: Path
    proxies: dict[str, str]


def configured() -> Maven:
    """Read the settings of jgo and of Maven; Maven's win, for they are the ones that a site hands out."""
    jgo = GlobalSettings.load()
    repositories = {CENTRAL: MAVEN_CENTRAL_URL} | jgo.repositories
    local, proxies = jgo.repo_cache, option_proxies(os.environ.get("MAVEN_OPTS", ""))
    for settings in settings_files():
        if mirror := mirror_of_central(settings):
            repositories[CENTRAL] = mirror
        if (named := settings.findtext("{*}localRepository")) and "M2_REPO" not in os.environ:
            local = Path(expanded(named))
        proxies |= settings_proxies(settings)
    wanted = {name: value for name, value in proxies.items() if not is_set(name)}
    return Maven(repositories, local, wanted)


def is_set(variable: str) -> bool:
    """Whether a proxy variable is set, in either of its spellings."""
    return variable in os.environ or variable.lower() in os.environ


def settings_files() -> Iterator[ET.Element]:
    """Maven's settings, the installation's before the user's, as Maven merges them."""
    homes = [os.environ[name] for name in ("MAVEN_HOME", "M2_HOME") if os.environ.get(name)]
    for path in [
        *(Path(home) / "conf" / "settings.xml" for home in homes),
        Path.home() / ".m2" / "settings.xml",
    ]:
        if path.is_file():
            try:
                yield ET.parse(path).getroot()  # noqa: S314 -- the user's own file
            except (ET.ParseError, OSError) as error:
                raise SetupError(f"Maven's settings cannot be read: {path}: {error}.") from error


def expanded(text: str) -> str:
    """Text of a settings file with `${env.NAME}` and `${user.home}` filled in."""
    filled = re.sub(r"\$\{env\.(\w+)\}", lambda found: os.environ.get(found[1], ""), text.strip())
    return filled.replace("${user.home}", str(Path.home()))


def mirror_of_central(settings: ET.Element) -> str | None:
    """The address that stands in for Maven Central, with the name and password of its server entry."""
    for mirror in settings.iterfind("{*}mirrors/{*}mirror"):
        names = {name.strip() for name in mirror.findtext("{*}mirrorOf", "").split(",")}
        if names & {CENTRAL, "*", "external:*"} and f"!{CENTRAL}" not in names:
            url = expanded(mirror.findtext("{*}url", "")).rstrip("/")
            return with_login(url, settings, mirror.findtext("{*}id", ""))
    return None


def with_login(url: str, settings: ET.Element, server_id: str) -> str:
    """An address with the login that the settings hold for it; an encrypted password is of no use here."""
    for server in settings.iterfind("{*}servers/{*}server"):
        user, password = (expanded(server.findtext(f"{{*}}{name}", "")) for name in ("username", "password"))
        if server.findtext("{*}id") == server_id and user and not password.startswith("{"):
            return url.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@", 1)
    return url


def settings_proxies(settings: ET.Element) -> dict[str, str]:
    """Proxy variables for the active proxies of a settings file."""
    variables: dict[str, str] = {}
    for proxy in settings.iterfind("{*}proxies/{*}proxy"):
        part = {child.tag.rpartition("}")[2]: expanded(child.text or "") for child in proxy}
        if part.get("active", "true") == "true" and part.get("host"):
            login = ":".join(
                quote(part[name], safe="") for name in ("username", "password") if part.get(name)
            )
            address = f"{login}@{part['host']}" if login else part["host"]
            # One proxy of protocol http serves https as well: that is how Maven's resolver uses it.
            variables |= proxy_variables(
                f"{address}:{part.get('port', '8080')}", part.get("nonProxyHosts", "")
            )
    return variables


def option_proxies(options: str) -> dict[str, str]:
    """Proxy variables for `-Dhttps.proxyHost=…` and its like in MAVEN_OPTS."""
    given = dict(re.findall(r"-D(https?\.\w+)=['\"]?([^'\"\s]+)", options))
    for scheme, port in (("https", "443"), ("http", "80")):
        if host := given.get(f"{scheme}.proxyHost"):
            address = f"{host}:{given.get(f'{scheme}.proxyPort', port)}"
            return proxy_variables(address, given.get("http.nonProxyHosts", ""))
    return {}


def proxy_variables(address: str, not_for: str) -> dict[str, str]:
    """The variables for one proxy; Maven's `*.example.org|localhost` is their `.example.org,localhost`."""
    variables = {"HTTPS_PROXY": f"http://{address}", "HTTP_PROXY": f"http://{address}"}
    if not_for:
        variables["NO_PROXY"] = ",".join(host.removeprefix("*") for host in not_for.split("|"))
    return variables


@contextlib.contextmanager
def variables_set(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables while the block runs."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)


def fetch(
    wanted: Iterable[Coordinate], staging: Path, on_bytes: Callable[[int], None]
) -> Iterator[tuple[Coordinate, Path]]:
    """Download files into a folder, several at once, and yield each as it comes in.

    Args:
        on_bytes: Called from several threads with the size of each piece as it arrives.

    Raises:
        SetupError: One of them cannot be had; the rest is given up.
    """
    logging.getLogger("jgo").setLevel(logging.ERROR)  # what it warns of is checked by SHA-256 here
    maven, stop = configured(), threading.Event()

    @contextlib.contextmanager
    def watched(name: str, _: int) -> Iterator[Callable[[int], None]]:
        def piece(count: int) -> None:
            if stop.is_set():
                raise Stopped(name)
            on_bytes(count)

        yield piece

    context = MavenContext(
        PythonResolver(progress_callback=watched),
        staging,
        remote_repos=maven.repositories,
        timeout=ANSWER_LIMIT_S,
    )
    with variables_set(maven.proxies), ThreadPoolExecutor(AT_ONCE) as pool:
        pending = {pool.submit(download, context, coordinate, stop): coordinate for coordinate in wanted}
        try:
            for done in as_completed(pending):
                yield pending[done], done.result()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def download(context: MavenContext, coordinate: Coordinate, stop: threading.Event) -> Path:
    """Download one file, trying again when the connection breaks."""
    group, name, version = coordinate
    artifact = context.project(group, name).at_version(version).artifact()
    for attempt in range(TRIES):
        stop.wait(PAUSE_S * 4 ** (attempt - 1) if attempt else 0)
        if stop.is_set():
            raise Stopped(name)
        try:
            return artifact.resolve()
        except (requests.RequestException, RuntimeError) as error:  # jgo's own word is RuntimeError
            failure = error
            if artifact.cached_path is not None:
                artifact.cached_path.unlink(missing_ok=True)
    raise trouble(f"{name} {version}", context.remote_repos.values(), failure) from failure


def trouble(what: str, repositories: Iterable[str], failure: Exception) -> SetupError:
    """The sentence for a failed download, and its cure."""
    places = ", ".join(sorted({urlsplit(url).hostname or url for url in repositories}))
    if isinstance(failure, requests.exceptions.ProxyError):
        reason = f"the proxy that leads to {places} cannot be reached or refuses"
        cure = "Correct or unset HTTPS_PROXY, or the proxy in ~/.m2/settings.xml, then run it again."
    elif isinstance(failure, requests.exceptions.SSLError):
        reason = f"{places} shows a certificate that this machine does not trust"
        cure = "Name your network's certificate file in REQUESTS_CA_BUNDLE, then run it again."
    elif isinstance(failure, requests.RequestException):
        reason = f"{places} cannot be reached"
        cure = "Look at the network, then run it again: it goes on from here."
    else:
        reason = f"{places} does not hand it out"
        cure = "Look at the mirror in ~/.m2/settings.xml or ~/.config/jgo.conf, or try later."
    return SetupError(f"Apache Kafka is not complete: {what} could not be fetched, for {reason}.", cure=cure)
