"""The server of the page: what it gives, what it takes, and whom it refuses."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import pytest

from crosslift.errors import DataError, SettingsError
from crosslift.view.posing import PoseServer
from crosslift.view.posing.server import LARGEST, TOKEN


def answer(words: Any) -> dict[str, Any]:
    if words == "bad":
        raise DataError("That is bad; do better.")
    if words == "full":
        raise OSError("disk full")
    return {"took": words}


@pytest.fixture
def server() -> Iterator[PoseServer]:
    with PoseServer(answer) as found:
        found.page = b"<!DOCTYPE html>"
        thread = Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(
    server: PoseServer, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, str]:
    """The status and the text of an answer; headers are named with `_` for `-`."""
    line = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, body, named)
    found = line.getresponse()
    text = found.read().decode()
    line.close()
    return found.status, text


def post(server: PoseServer, words: object, **headers: str) -> tuple[int, Any]:
    token = {TOKEN.replace("-", "_"): server.token} | headers
    status, text = ask(server, "POST", "/save", json.dumps(words), **token)
    return status, json.loads(text)


def test_the_page_is_at_the_root_and_nothing_else_is_anywhere(server):
    assert ask(server, "GET", "/") == (200, "<!DOCTYPE html>")
    for path in ("/save", "/index.html", "/../pose.py", "/?a"):
        assert ask(server, "GET", path)[0] == 404
    assert ask(server, "PUT", "/")[0] == 501


def test_what_is_posted_is_passed_on_and_answered(server):
    assert post(server, {"pose": 1}) == (200, {"took": {"pose": 1}})


def test_without_the_secret_of_the_page_nothing_is_taken(server):
    for token in ("", "guess", "é"):
        header = {TOKEN.replace("-", "_"): token.encode().decode("latin-1")}
        assert post(server, 1, **header)[0] == 403


def test_another_name_of_this_machine_is_refused(server):
    assert ask(server, "GET", "/", Host="evil.example")[0] == 403
    assert post(server, 1, Host=f"evil.example:{server.server_port}")[0] == 403
    assert ask(server, "GET", "/", Host=f"localhost:{server.server_port}")[0] == 200


def test_what_goes_wrong_is_answered_in_a_sentence(server):
    assert post(server, "bad") == (422, {"problem": "That is bad; do better."})
    assert post(server, "full") == (500, {"problem": "It could not be written: disk full."})
    status, text = ask(server, "POST", "/save", "{", **{TOKEN.replace("-", "_"): server.token})
    assert status == 422 and "problem" in json.loads(text)


def test_too_much_is_not_even_read(server):
    headers = {TOKEN.replace("-", "_"): server.token, "Content_Length": str(LARGEST + 1)}
    assert ask(server, "POST", "/save", None, **headers)[0] == 413


def test_nobody_else_is_listened_to(server):
    assert server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_refused():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"served at port {port} .* choose another"):
            PoseServer(answer, port)
    with pytest.raises(SettingsError, match="port 99999"):
        PoseServer(answer, 99999)
