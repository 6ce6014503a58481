"""Apache Kafka's jars: the lock, the cache, the network and what can go wrong with each.

The network is a Maven repository on this machine, reached as a user's mirror is: through settings.xml.
"""

import gc
import hashlib
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.broker import jars, maven
from grader.broker.jars import Jar
from grader.errors import SetupError

CONTENTS = {name: name.encode() * 3000 for name in ("alpha", "beta", "gamma", "delta")}
OTHER_HOST = "http://mirror.invalid"
FETCH = (
    "import sys, pathlib; from grader.broker import jars; jars.LOCK = pathlib.Path(sys.argv[1]); jars.jars()"
)

# jgo leaves the socket of a download that breaks to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def jar_of(name: str) -> Jar:
    content = CONTENTS[name]
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest(), len(content))


class Repository:
    """A Maven repository over HTTP that counts what it is asked and misbehaves when told to."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.logins: set[str] = set()
        self.faults: dict[str, Callable[[bytes], bytes | int]] = {}
        self.pause_s = 0.0
        repository = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                repository.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = Path(request.path).parts[-3]
        if not request.path.endswith(".jar") or name not in CONTENTS:
            request.send_error(404)
            return
        self.asked[name] += 1
        self.logins.add(request.headers.get("Authorization", ""))
        time.sleep(self.pause_s)
        content = CONTENTS[name]
        body = self.faults[name](content) if name in self.faults else content
        if isinstance(body, int):
            request.send_error(body)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def repository() -> Iterator[Repository]:
    served = Repository()
    yield served
    served.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing in their home, and a lock of four small jars."""
    for name in ("M2_REPO", "MAVEN_OPTS", "MAVEN_HOME", "M2_HOME", "JGO_CONFIG_FILE", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("KAFKA_KIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "LOCK", tmp_path / "kafka.lock.toml")
    monkeypatch.setattr(maven, "PAUSE_S", 0.0)
    jars.write_lock(jar_of(name) for name in CONTENTS)
    return folder


@pytest.fixture
def mirror(home: Path, repository: Repository) -> Repository:
    settings(
        home,
        f"<mirrors><mirror><id>near</id><mirrorOf>*</mirrorOf><url>{repository.url}/</url></mirror></mirrors>",
    )
    return repository


def settings(home: Path, content: str, namespace: str = "http://maven.apache.org/SETTINGS/1.2.0") -> None:
    (home / ".m2").mkdir(exist_ok=True)
    (home / ".m2" / "settings.xml").write_text(f'<settings xmlns="{namespace}">{content}</settings>')


def cached() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (jars.cache_folder() / "jars").glob("*.jar")}


def all_right() -> bool:
    return {f"{name}-1.0.jar": content for name, content in CONTENTS.items()} == cached()


class TestLock:
    """The lock that is committed."""

    @pytest.fixture(autouse=True)
    def committed(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        monkeypatch.setattr(jars, "LOCK", Path(jars.__file__).with_name("kafka.lock.toml"))

    def test_every_jar_of_kafka_has_one_version(self) -> None:
        versions = {jar.version for jar in jars.locked_jars() if jar.group == "org.apache.kafka"}
        assert {jars.KAFKA_VERSION} == versions

    def test_it_holds_what_was_asked_for(self) -> None:
        held = {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars.locked_jars()}
        assert set(jars.COORDINATES) <= held

    def test_one_binding_for_the_log_and_its_engine_of_the_same_version(self) -> None:
        versions = {jar.version for jar in jars.locked_jars() if jar.group == "org.apache.logging.log4j"}
        assert 1 == len(versions)
        bindings = [
            jar for jar in jars.locked_jars() if "slf4j" in jar.artifact and jar.artifact != "slf4j-api"
        ]
        assert ["log4j-slf4j-impl"] == [jar.artifact for jar in bindings]

    def test_every_jar_has_a_size_and_a_hash_and_a_name_of_its_own(self) -> None:
        locked = jars.locked_jars()
        assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) and jar.size_bytes > 0 for jar in locked)
        assert len(locked) == len({jar.name for jar in locked})

    def test_it_names_no_host(self) -> None:
        assert None is re.search(r"https?:|//|\.(com|org)/", jars.LOCK.read_text())

    def test_writing_what_was_read_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        before, locked = jars.LOCK.read_text(), jars.locked_jars()
        monkeypatch.setattr(jars, "LOCK", tmp_path / "again.toml")
        jars.write_lock(locked)
        assert before == jars.LOCK.read_text()


class TestFetching:
    def test_they_are_fetched_in_the_order_of_the_lock_and_told_of(self, mirror: Repository) -> None:
        told: list[str] = []
        paths = jars.jars(told.append)
        assert [f"{name}-1.0.jar" for name in CONTENTS] == [path.name for path in paths]
        assert all_right()
        assert [
            f"Fetching Apache Kafka {jars.KAFKA_VERSION}: 4 jars, 0.1 MB …",
            "Fetched 4 jars in 0 s.",
        ] == told

    def test_on_a_terminal_one_line_runs(self, mirror: Repository) -> None:
        script = f"{FETCH.replace('jars.jars()', 'jars.jars(print)')}"
        ours, theirs = pty.openpty()
        command = [sys.executable, "-c", f"import grader.broker.jars as j; j.BETWEEN_REPORTS_S = 0; {script}"]
        subprocess.run([*command, str(jars.LOCK)], stdout=subprocess.DEVNULL, stderr=theirs, check=True)
        os.close(theirs)
        shown = os.read(ours, 65536).decode()
        os.close(ours)
        assert re.search(r"\r\x1b\[K  \d of 4 jars, 0\.1 of 0\.1 MB", shown)
        assert shown.endswith("\r\x1b[K")

    def test_the_second_time_nothing_is_asked_for(self, mirror: Repository) -> None:
        first = jars.jars()
        mirror.close()
        assert first == jars.jars()
        assert Counter(CONTENTS.keys()) == mirror.asked

    def test_nothing_is_left_beside_them(self, mirror: Repository) -> None:
        jars.jars()
        names = {path.name for path in (jars.cache_folder() / "jars").iterdir()}
        assert {f"{name}-1.0.jar" for name in CONTENTS} | {"lock", jars.stamp_path().name} == names

    def test_what_maven_has_is_copied(self, mirror: Repository, home: Path) -> None:
        held = home / ".m2" / "repository" / jar_of("beta").repository_path
        held.parent.mkdir(parents=True)
        held.write_bytes(CONTENTS["beta"])
        jars.jars()
        assert Counter({"alpha": 1, "gamma": 1, "delta": 1}) == mirror.asked
        assert all_right()
        assert held.exists()

    def test_what_maven_has_is_not_trusted(self, mirror: Repository, home: Path) -> None:
        held = home / ".m2" / "repository" / jar_of("beta").repository_path
        held.parent.mkdir(parents=True)
        held.write_bytes(CONTENTS["beta"].swapcase())
        jars.jars()
        assert 1 == mirror.asked["beta"]
        assert all_right()

    def test_a_jar_that_vanished_is_fetched_alone(self, mirror: Repository) -> None:
        jars.jars()[1].unlink()
        jars.jars()
        assert Counter({"alpha": 1, "beta": 2, "gamma": 1, "delta": 1}) == mirror.asked

    def test_a_jar_that_was_cut_short_is_fetched_again(self, mirror: Repository) -> None:
        paths = jars.jars()
        paths[0].write_bytes(b"short")
        assert paths == jars.jars()
        assert all_right()

    def test_another_lock_keeps_what_it_shares(self, mirror: Repository) -> None:
        jars.write_lock(jar_of(name) for name in ("alpha", "beta"))
        jars.jars()
        jars.write_lock(jar_of(name) for name in CONTENTS)
        assert 4 == len(jars.jars())
        assert Counter(CONTENTS.keys()) == mirror.asked

    def test_two_at_once_fetch_once(self, mirror: Repository) -> None:
        mirror.pause_s = 0.2
        told: list[str] = []
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(jars.jars, [told.append] * 2)
        assert first == second
        assert Counter(CONTENTS.keys()) == mirror.asked
        assert "Another run is fetching Apache Kafka: waiting for it." in told

    def test_what_is_not_needed_is_not_loaded_once_they_are_there(self, mirror: Repository) -> None:
        jars.jars()
        script = f"{FETCH}; print(sorted({{'jgo', 'requests', 'psutil', 'ssl'}} & set(sys.modules)))"
        command = [sys.executable, "-c", script, str(jars.LOCK)]
        assert "[]\n" == subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def test_damage_that_keeps_the_size_is_found_when_looked_for(self, mirror: Repository) -> None:
        paths = jars.jars()
        assert () == jars.damaged()
        paths[2].write_bytes(CONTENTS["gamma"].swapcase())
        assert ("gamma-1.0.jar",) == jars.damaged()


class TestTrouble:
    def test_wrong_content_is_removed_and_said(self, mirror: Repository) -> None:
        mirror.faults["gamma"] = bytes.swapcase
        with pytest.raises(
            SetupError, match=r"gamma-1\.0\.jar came with 15000 bytes that are not those of the lock"
        ):
            jars.jars()
        assert "gamma-1.0.jar" not in cached()
        assert None is jars.present()

    def test_what_had_come_before_is_kept(self, mirror: Repository) -> None:
        mirror.faults["delta"] = lambda _: 404
        with pytest.raises(SetupError):
            jars.jars()
        kept = set(cached())
        mirror.faults.clear()
        mirror.asked.clear()
        jars.jars()
        assert all_right()
        assert {f"{name}-1.0.jar" for name in mirror.asked}.isdisjoint(kept)

    def test_a_cut_connection_is_tried_again(self, mirror: Repository) -> None:
        cuts = iter([True, True, False])
        mirror.faults["beta"] = lambda content: content[:500] if next(cuts) else content
        jars.jars()
        assert 3 == mirror.asked["beta"]
        assert all_right()

    def test_a_repository_without_it_is_named_with_the_cure(self, mirror: Repository) -> None:
        mirror.faults["beta"] = lambda _: 404
        with pytest.raises(
            SetupError, match=r"beta 1\.0 could not be fetched, for 127\.0\.0\.1 does not hand it out"
        ) as caught:
            jars.jars()
        assert "settings.xml" in caught.value.cure
        assert 3 == caught.value.exit_code

    def test_no_network_is_said_with_the_cure(self, mirror: Repository) -> None:
        mirror.close()
        with pytest.raises(SetupError, match=r"127\.0\.0\.1 cannot be reached") as caught:
            jars.jars()
        assert caught.value.cure.startswith("Look at the network")

    def test_a_proxy_that_is_not_there_is_said(
        self, mirror: Repository, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings(
            home, f"<mirrors><mirror><mirrorOf>central</mirrorOf><url>{OTHER_HOST}</url></mirror></mirrors>"
        )
        mirror.close()
        monkeypatch.setenv("HTTP_PROXY", mirror.url)
        with pytest.raises(
            SetupError, match=r"the proxy that leads to mirror\.invalid cannot be reached"
        ) as caught:
            jars.jars()
        assert "HTTPS_PROXY" in caught.value.cure

    def test_too_little_space_is_said_before_anything_is_fetched(
        self, mirror: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jars, "SPARE_BYTES", 10**18)
        with pytest.raises(SetupError, match=r"has \d+ MB free; Apache Kafka needs \d+ MB there"):
            jars.jars()
        assert not mirror.asked

    def test_a_cache_that_cannot_be_made_is_said(
        self, mirror: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("KAFKA_KIT_CACHE", str(tmp_path / "file" / "cache"))
        with pytest.raises(SetupError, match=r"could not be stored in .*: Not a directory") as caught:
            jars.jars()
        assert "KAFKA_KIT_CACHE" in caught.value.cure

    def test_settings_that_are_no_xml_are_named(self, home: Path) -> None:
        settings(home, "<mirrors>")
        with pytest.raises(SetupError, match=r"settings\.xml: mismatched tag: line 1"):
            jars.jars()

    @pytest.mark.parametrize("moment_s", [0.0, 0.4, 0.7, 1.0])
    def test_a_run_that_was_killed_leaves_nothing_half(self, mirror: Repository, moment_s: float) -> None:
        mirror.pause_s = 0.4
        run = subprocess.Popen([sys.executable, "-c", FETCH, str(jars.LOCK)])
        time.sleep(moment_s)
        run.send_signal(signal.SIGKILL)
        run.wait()
        for name, content in cached().items():
            assert CONTENTS[name.removesuffix("-1.0.jar")] == content
        assert (jars.present() is None) or all_right()
        jars.jars()
        assert all_right()
        assert [] == list((jars.cache_folder() / "jars").glob("part-*"))


class TestSettings:
    """What of Maven's and jgo's own settings is honoured."""

    def test_without_any_there_is_one_repository(self, home: Path) -> None:
        found = maven.configured()
        assert ["central"] == list(found.repositories)
        assert home / ".m2" / "repository" == found.local
        assert {} == found.proxies

    @pytest.mark.parametrize(
        ("mirror_of", "used"),
        [
            ("central", True),
            ("*", True),
            ("external:*", True),
            ("other, central", True),
            ("*,!central", False),
            ("other", False),
            ("external:http:*", False),
        ],
    )
    def test_a_mirror_of_central_stands_in_for_it(self, home: Path, mirror_of: str, used: bool) -> None:
        settings(
            home,
            f"<mirrors><mirror><mirrorOf>{mirror_of}</mirrorOf><url>{OTHER_HOST}/maven/</url></mirror></mirrors>",
        )
        assert used == (maven.configured().repositories["central"] == f"{OTHER_HOST}/maven")

    def test_older_settings_files_have_no_namespace(self, home: Path) -> None:
        settings(
            home,
            f"<mirrors><mirror><mirrorOf>*</mirrorOf><url>{OTHER_HOST}</url></mirror></mirrors>",
            namespace="",
        )
        assert OTHER_HOST == maven.configured().repositories["central"]

    def test_the_login_of_a_mirror_is_sent(
        self, home: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WORD", "s/cret")
        settings(
            home,
            f"<mirrors><mirror><id>near</id><mirrorOf>*</mirrorOf><url>{repository.url}</url></mirror></mirrors>"
            "<servers><server><id>near</id><username>me</username><password>${env.WORD}</password></server></servers>",
        )
        jars.jars()
        assert {f"Basic {b64encode(b'me:s/cret').decode()}"} == repository.logins

    def test_a_login_is_never_shown(self, home: Path, repository: Repository) -> None:
        repository.close()
        settings(
            home,
            f"<mirrors><mirror><id>near</id><mirrorOf>*</mirrorOf><url>{repository.url}</url></mirror></mirrors>"
            "<servers><server><id>near</id><username>me</username><password>secret</password></server></servers>",
        )
        with pytest.raises(SetupError) as caught:
            jars.jars()
        assert "secret" not in str(caught.value)

    def test_an_encrypted_password_is_not_sent(self, home: Path) -> None:
        settings(
            home,
            f"<mirrors><mirror><id>near</id><mirrorOf>*</mirrorOf><url>{OTHER_HOST}</url></mirror></mirrors>"
            "<servers><server><id>near</id><username>me</username><password>{abc=}</password></server></servers>",
        )
        assert OTHER_HOST == maven.configured().repositories["central"]

    def test_the_installations_settings_count_where_the_users_say_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "conf").mkdir()
        (tmp_path / "conf" / "settings.xml").write_text(
            f"<settings><mirrors><mirror><mirrorOf>*</mirrorOf><url>{OTHER_HOST}</url></mirror></mirrors></settings>"
        )
        monkeypatch.setenv("MAVEN_HOME", str(tmp_path))
        assert OTHER_HOST == maven.configured().repositories["central"]

    def test_the_local_repository_may_be_elsewhere(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings(home, "<localRepository>${user.home}/elsewhere</localRepository>")
        assert home / "elsewhere" == maven.configured().local
        monkeypatch.setenv("M2_REPO", "/named/by/variable")
        assert Path("/named/by/variable") == maven.configured().local

    def test_jgos_own_repositories_are_asked_too(self, home: Path) -> None:
        (home / ".config").mkdir()
        (home / ".config" / "jgo.conf").write_text(f"[repositories]\nsite = {OTHER_HOST}\n")
        assert ["central", "site"] == list(maven.configured().repositories)

    def test_the_proxy_of_the_settings_is_used(self, home: Path) -> None:
        settings(
            home,
            "<proxies><proxy><active>false</active><host>old</host></proxy>"
            "<proxy><protocol>http</protocol><host>proxy.invalid</host><port>3128</port>"
            "<username>me</username><password>a b</password>"
            "<nonProxyHosts>localhost|*.example.org</nonProxyHosts></proxy></proxies>",
        )
        expected = {
            "HTTPS_PROXY": "http://me:a%20b@proxy.invalid:3128",
            "HTTP_PROXY": "http://me:a%20b@proxy.invalid:3128",
            "NO_PROXY": "localhost,.example.org",
        }
        assert expected == maven.configured().proxies

    def test_what_goes_through_a_proxy_of_the_settings_arrives(
        self, home: Path, repository: Repository
    ) -> None:
        host, port = "127.0.0.1", repository.server.server_port
        settings(
            home,
            f"<proxies><proxy><host>{host}</host><port>{port}</port></proxy></proxies>"
            f"<mirrors><mirror><mirrorOf>*</mirrorOf><url>{OTHER_HOST}</url></mirror></mirrors>",
        )
        jars.jars()
        assert all_right()
        assert "HTTPS_PROXY" not in os.environ

    def test_maven_opts_name_a_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAVEN_OPTS", "-Xmx1g -Dhttps.proxyHost=proxy.invalid -Dhttps.proxyPort=8080")
        assert "http://proxy.invalid:8080" == maven.configured().proxies["HTTPS_PROXY"]

    def test_a_variable_of_the_users_comes_first(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("https_proxy", "http://mine.invalid:1")
        settings(home, "<proxies><proxy><host>theirs.invalid</host></proxy></proxies>")
        assert {"HTTP_PROXY": "http://theirs.invalid:8080"} == maven.configured().proxies
