"""Servers to measure: the service as `casework serve` runs it, and the floor under the same gunicorn."""

from __future__ import annotations

import argparse
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.support import template
from web.commands import gunicorn_options

WORKERS, THREADS = 2, 8
ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class NoAnswer(Exception):
    """A server did not start, or a page did not answer as it must."""


class Server:
    """A running server. `seconds`: from the start of its process to its first answer; `busy`: the processor's part."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str], first: str, log: Path) -> None:
        self.port = port
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")}
        began = time.perf_counter()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, env=kept | environment, stdout=output, stderr=output, cwd=ROOT, start_new_session=True
            )
        self._wait(first, log)
        self.seconds = time.perf_counter() - began
        self.busy = self.busy_seconds()

    def _wait(self, first: str, log: Path) -> None:
        until = time.perf_counter() + PATIENCE
        while time.perf_counter() < until and self.process.poll() is None:
            try:
                if Browser(self.port).get(first)[0] == 200:
                    return
            except OSError:
                time.sleep(0.005)
        self.stop()
        raise NoAnswer(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def worker_mib(self) -> float:
        """The resident memory of the largest worker, in MiB."""
        resident = [kib for pid, parent, kib in _processes() if parent == self.process.pid]
        return max(resident) / 1024

    def busy_seconds(self) -> float:
        """Processor time of the server and of its workers: what others do on the machine hardly changes it."""
        workers = [pid for pid, parent, _ in _processes() if parent == self.process.pid]
        return sum(map(_busy_seconds, [self.process.pid, *workers]))


def _busy_seconds(pid: int) -> float:
    """Processor time spent by a process, in seconds; 0 where there is no /proc or no longer such a process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, int, int]]:
    """(pid, parent, resident KiB) of each process; from /proc where there is one, else from ps."""
    if not Path("/proc/self/status").exists():
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], check=True, capture_output=True, text=True)
        yield from (tuple(map(int, line.split())) for line in listed.stdout.splitlines())  # type: ignore[misc]
        return
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        yield int(fields["Pid"]), int(fields["PPid"]), int(fields.get("VmRSS", "0 kB").split()[0])


class Browser:
    """One client on one connection that is kept open, with its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.cookies: dict[str, str] = {}

    def get(self, address: str) -> tuple[int, str]:
        return self._send("GET", address, None)

    def post(self, address: str, form: dict[str, str]) -> tuple[int, str]:
        return self._send("POST", address, urlencode(form))

    def _send(self, method: str, address: str, body: str | None) -> tuple[int, str]:
        status, content = self._exchange(method, address, body)
        return status, content.decode()

    def _exchange(self, method: str, address: str, body: str | None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, address, body, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            self.connection.request(method, address, body, headers)
            response = self.connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.read()

    def sign_in(self, email: str, password: str) -> Browser:
        """Through the sign-in page, as a person does; returns itself."""
        token = token_in(self.get("/connexion")[1])
        status, page = self.post("/connexion", {"csrf_token": token, "email": email, "password": password})
        if status != 303:
            raise NoAnswer(f"sign-in answered {status}: {page[:500]}")
        return self

    def must_get(self, address: str) -> str:
        status, page = self.get(address)
        if status != 200:
            raise NoAnswer(f"{address} answered {status}: {page[:500]}")
        return page

    def must_download(self, address: str) -> None:
        """A file, whatever its bytes."""
        status, content = self._exchange("GET", address, None)
        if status != 200 or not content:
            raise NoAnswer(f"{address} answered {status}")


def token_in(page: str) -> str:
    """The token that the forms of this page send."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise NoAnswer("the page holds no form token")
    return found[1]


@contextmanager
def service(database_url: str, folder: Path) -> Iterator[Server]:
    """The real service on this database, with the settings of production but for the cookies, which go over HTTP."""
    port = _free_port()
    environment = {
        "CASEWORK_DATABASE_URL": database_url,
        "CASEWORK_FILES_DIR": str(folder / "files"),
        "CASEWORK_SECRET_KEY": "a key that only the bench knows",
        "CASEWORK_DATA_KEYS": template.KEYS,
        "CASEWORK_SECURE_COOKIES": "false",
        "CASEWORK_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "casework", "serve", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
    yield from _running(Server(command, port, environment, "/connexion", folder / f"service-{port}.log"))


@contextmanager
def floor(database_url: str, folder: Path) -> Iterator[Server]:
    """The bare application on the same database, under the same gunicorn."""
    port = _free_port()
    options = argparse.Namespace(bind=f"127.0.0.1:{port}", workers=WORKERS, threads=THREADS, access_log=False)
    command = [sys.executable, "-m", "gunicorn", *gunicorn_options(options), "tests.bench.floor:app"]
    environment = {"BENCH_DATABASE_URL": database_url}
    yield from _running(Server(command, port, environment, "/hello", folder / f"floor-{port}.log"))


def _running(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
