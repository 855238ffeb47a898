"""A server for one page and one person: gives the page, takes what is to be saved."""

import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from ...errors import CrossliftError, SettingsError

HERE = "127.0.0.1"
"""Nobody but this machine is listened to."""
LARGEST = 16 << 20
"""Bytes of what may be sent."""
TOKEN = "X-Crosslift-Token"
"""The header that carries the secret of the page, which no other site knows."""

Save = Callable[[Any], dict[str, Any]]
"""Takes what the page sent; gives what it is answered."""


class PoseServer(ThreadingHTTPServer):
    """Serves one page at `/`, and passes what is posted to `/save` on."""

    daemon_threads = True

    def __init__(self, save: Save, port: int = 0) -> None:
        self.save = save
        self.token = secrets.token_urlsafe(24)
        self.page = b""
        self.saving = Lock()
        try:
            super().__init__((HERE, port), PoseRequest)
        except (OSError, OverflowError) as problem:
            raise SettingsError(
                f"The page should be served at port {port} of this machine, but that cannot be had "
                f"({problem}); choose another one with --port, or none for any that is free."
            ) from problem

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{HERE}:{self.server_port}/"


class PoseRequest(BaseHTTPRequestHandler):
    """One request; whatever is not the page or its save button is refused."""

    server: PoseServer  # pyright: ignore[reportIncompatibleVariableOverride]  what calls this one
    timeout = 30
    server_version, sys_version = "crosslift", ""

    def do_GET(self) -> None:
        """Give the page."""
        if self._is_ours() and self._is_at("/"):
            self._answer(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """Save what is sent, and say what became of it."""
        if not (self._is_ours() and self._is_at("/save")):
            return
        sent = self.headers.get(TOKEN, "").encode()
        if not secrets.compare_digest(sent, self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "This page is of another run; open the new one.")
            return
        body = self._body()
        if body is not None:
            self._save(body)

    def _save(self, body: bytes) -> None:
        try:
            words = json.loads(body)
            with self.server.saving:
                told = self.server.save(words)
        except (CrossliftError, ValueError, RecursionError) as problem:
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, str(problem))
        except OSError as problem:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"It could not be written: {problem}.")
        else:
            self._tell(HTTPStatus.OK, told)

    def _is_ours(self) -> bool:
        """Whether the request names this machine: another name may be a trick to get in."""
        port = self.server.server_port
        if self.headers.get("Host") in (f"{HERE}:{port}", f"localhost:{port}"):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, f"Open {self.server.address} instead.")
        return False

    def _is_at(self, path: str) -> bool:
        if self.path == path:
            return True
        self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here but the page itself.")
        return False

    def _body(self) -> bytes | None:
        """What was sent, unless it is too much."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too much for one pose.")
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._tell(status, {"problem": sentence})

    def _tell(self, status: HTTPStatus, words: dict[str, Any]) -> None:
        self._answer(status, json.dumps(words).encode(), "application/json")

    def _answer(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as in the base class
        """Say nothing: a person sees the page, and what was saved is told by the command."""
