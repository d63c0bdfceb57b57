"""The socket: what it says first, what it takes, what it refuses."""

from __future__ import annotations

import mlstudio
from mlstudio.testing.server import Server


def test_the_first_frame_says_version_and_boot(server: Server) -> None:
    boot = server.request("GET", "/version").json()["boot"]

    with server.socket() as socket:
        hello, _ = socket.wait_for("hello", "hello")

    assert socket.frames[0][0] == hello
    assert hello["data"] == {"version": mlstudio.__version__, "boot": boot}


def test_what_is_created_over_http_is_told_to_who_listens(server: Server) -> None:
    with server.socket("experiments") as socket:
        made = server.request("POST", "/experiments", {"name": "told"}).json()
        event, took = socket.wait_for("experiments", "created")

    assert event["data"] == {"uid": made["uid"], "name": "told"}
    assert took < 1.0


def test_after_unsubscribe_nothing_more_is_told(server: Server) -> None:
    with server.socket("experiments", "jobs") as socket:
        socket.send({"op": "unsubscribe", "topics": ["experiments"]})
        server.request("POST", "/experiments", {"name": "silent"})
        with server.socket("experiments") as other:
            server.request("POST", "/experiments", {"name": "silent-2"})
            other.wait(lambda event: event["data"].get("name") == "silent-2")

        assert [event["type"] for event in socket.events] == ["hello"]


def test_a_topic_that_does_not_exist_is_refused_and_the_others_stand(server: Server) -> None:
    wrong = ["nothing", "experiments:x", "experiment", "experiment:../x", "points:a b", "job:" + "x" * 150, ":"]
    with server.socket(*wrong, "experiments") as socket:
        server.request("POST", "/experiments", {"name": "stands"})
        socket.wait(lambda event: event["data"].get("name") == "stands")

        refused = {event["topic"]: event["data"]["code"] for event in socket.events if event["type"] == "error"}
        assert refused == dict.fromkeys(wrong, "invalid_field")


def test_a_socket_listens_to_200_topics_and_no_more(server: Server) -> None:
    with server.socket(*[f"component:c{number}" for number in range(200)]) as socket:
        socket.send({"op": "subscribe", "topics": ["jobs"]})
        event, _ = socket.wait_for("jobs", "error")

    assert event["data"]["code"] == "too_many"


def test_messages_that_cannot_be_read_are_answered_and_the_third_in_a_row_ends_it(server: Server) -> None:
    with server.socket() as socket:
        socket.send("no json")
        socket.send({"op": "destroy", "topics": []})
        socket.wait(lambda event: event["type"] == "error" and event["data"]["code"] == "invalid_json")
        socket.send({"op": "subscribe", "topics": ["jobs"]})
        for text in ("[" * 10_000, "{}", '{"op": "subscribe", "topics": 5}'):
            socket.send(text)

        assert socket.wait_closed() == 4400


def test_a_message_over_64_kib_ends_the_socket(server: Server) -> None:
    with server.socket() as socket:
        socket.send("x" * 70_000)

        assert socket.wait_closed() == 1009


def test_who_comes_back_with_since_gets_what_happened_meanwhile(server: Server) -> None:
    boot = server.request("GET", "/version").json()["boot"]
    with server.socket("experiments"):
        with server.socket("experiments") as first:
            server.request("POST", "/experiments", {"name": "before"})
            event, _ = first.wait(lambda event: event["data"].get("name") == "before")
        with server.socket("experiments") as witness:
            server.request("POST", "/experiments", {"name": "meanwhile"})
            witness.wait(lambda event: event["data"].get("name") == "meanwhile")
        with server.socket("experiments", since=event["seq"], boot=boot) as again:
            again.wait(lambda event: event["data"].get("name") == "meanwhile")

            names = [one["data"]["name"] for one in again.events if one["topic"] == "experiments"]
            assert names == ["meanwhile"]


def test_what_happened_while_no_socket_was_open_is_told_to_who_comes_back(server: Server) -> None:
    boot = server.request("GET", "/version").json()["boot"]
    with server.socket("experiments") as first:
        server.request("POST", "/experiments", {"name": "last-seen"})
        event, _ = first.wait(lambda event: event["data"].get("name") == "last-seen")
    server.request("POST", "/experiments", {"name": "unseen"})

    with server.socket("experiments", since=event["seq"], boot=boot) as again:
        again.wait(lambda event: event["data"].get("name") == "unseen")


def test_another_boot_means_start_anew(server: Server) -> None:
    with server.socket("experiments", since=3, boot="another") as socket:
        event, _ = socket.wait_for("experiments", "invalidate")

    assert event["data"] == {}
