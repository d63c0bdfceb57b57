"""The agent's door."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from mlstudio.jobs.agent.socket import MAX_LINE, Client, accept, listen, peer_uid, socket_path


def pair() -> tuple[Client, socket.socket]:
    ours, theirs = socket.socketpair()
    return Client(ours), theirs


def test_requests_come_in_pieces_and_together() -> None:
    client, other = pair()
    other.sendall(b'{"op":"a"}\n{"op":')
    assert client.receive() == [{"op": "a"}]
    assert client.receive() == []
    other.sendall(b'"b"}\n{"op":"c"}\n')
    assert client.receive() == [{"op": "b"}, {"op": "c"}]
    other.close()
    assert client.receive() is None
    client.hang_up()


def test_nonsense_and_endless_lines_end_the_conversation() -> None:
    for said in (b"[1]\n", b"{\n", b"\xff\n", b"[" * 100_000 + b"\n"):
        client, other = pair()
        other.sendall(said)
        answer: object = []
        while answer == []:
            answer = client.receive()
        assert answer is None, said[:10]
        client.hang_up()
        other.close()
    client, other = pair()
    answer, sent = [], 0
    other.setblocking(False)
    while answer == [] and sent < 4 * MAX_LINE:
        sent += other.send(b"x" * 50_000)
        answer = client.receive()
    assert answer is None
    client.hang_up()
    other.close()


def test_a_client_that_does_not_read_is_dropped_and_never_blocks() -> None:
    client, other = pair()
    for _ in range(200):
        client.send({"text": "x" * 50_000})
    assert not client.behind
    while other.recv(1 << 20):
        pass
    client.hang_up()
    other.close()


def test_the_kernel_says_who_knocks(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir(mode=0o700)
    door = listen(folder)
    knocking = socket.socket(socket.AF_UNIX)
    knocking.connect(str(socket_path(folder)))
    client = accept(door)
    assert client is not None
    assert peer_uid(knocking) == os.getuid()
    assert accept(door) is None, "nobody else is there"
    for one in (client, knocking, door):
        one.hang_up() if isinstance(one, Client) else one.close()


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir(mode=0o700)
    listen(folder).close()
    listen(folder).close()
    assert socket_path(folder).is_socket()
