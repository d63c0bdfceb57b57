"""500 open sockets, each of which sees an update in less than a second; and what live points cost.

    python benchmarks/sockets.py [--sockets 500] [--updates 20] [--seconds 15]

A real server in a process of its own; the clients are real WebSockets in this one, all on the
topic of one experiment. Told: the time from the moment an update is sent to the moment a socket
has it (median, 99 %, worst), the server's memory and CPU time for each socket. Then a third
process logs 1,000 points a second over 20 runs while ten sockets listen to all of them: the
server's share of one core, and how old a point is when it comes.

There is no peer: MLflow's panel asks again every 30 seconds, W&B's is not ours to run.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import psutil
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

SERVE = """
import gc, logging, sys, threading
from pathlib import Path
from mlstudio.testing.server import running_server
with running_server(Path(sys.argv[1]), log_level=logging.ERROR) as server:
    gc.collect()
    gc.freeze()
    print(server.port, server.token, flush=True)
    threading.Event().wait()
"""
TRAIN = """
import sys, time
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.recorder import Recorder
runs, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
recorders = [Recorder(ComponentCreate(name=f"live-{n}", trials=["bench-t"], status="InProgress")) for n in range(runs)]
for recorder in recorders:
    recorder.log("loss", 0.0, step=0)
    recorder.flush()
print("ready", flush=True)
begun, step = time.monotonic(), 0
while (passed := time.monotonic() - begun) < seconds:
    step += 1
    for recorder in recorders:
        recorder.log("loss", 1.0 / step, step=step)
    time.sleep(max(0.0, begun + step * runs / rate - time.monotonic()))
print(step * runs, flush=True)
time.sleep(1)
for recorder in recorders:
    recorder.close(status="Completed")
"""


class Server:
    """A server in a process of its own."""

    def __init__(self, home: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(home)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._child.stdout
        self.port, self.token = self._child.stdout.readline().split()
        self._process = psutil.Process(self._child.pid)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send JSON; return the answer."""
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/mlstudio/api/v1{path}"
        with urlopen(Request(url, data, headers, method=method), timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    async def socket(self, on_message: Any, topics: list[str]) -> Any:
        """Open a socket that listens to topics."""
        headers = {"Authorization": f"token {self.token}", "Origin": f"http://127.0.0.1:{self.port}"}
        request = HTTPRequest(f"ws://127.0.0.1:{self.port}/mlstudio/api/v1/events", headers=headers)
        socket = await websocket_connect(request, on_message_callback=on_message)
        await socket.write_message(json.dumps({"op": "subscribe", "topics": topics}))
        return socket

    def memory(self) -> int:
        """Return resident bytes."""
        return int(self._process.memory_info().rss)

    def cpu(self) -> float:
        """Return CPU seconds so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


def nearly_all(ordered: list[float]) -> float:
    """Return the 99th percentile of values in order."""
    return ordered[int(len(ordered) * 0.99)]


async def updates(server: Server, count: int, rounds: int) -> None:
    """Measure how soon all sockets have an update."""
    arrived: dict[int, list[float]] = {number: [] for number in range(rounds)}

    def take(message: str | bytes | None) -> None:
        now = time.perf_counter()
        if message is None or "tags.n" not in str(message):
            return
        for event in json.loads(message):
            number = event["data"].get("cells", {}).get("tags.n")
            if number is not None:
                arrived[int(number)].append(now)

    loop = asyncio.get_running_loop()
    before = server.memory()
    begun = time.perf_counter()
    sockets = [await server.socket(take, ["experiment:bench"]) for _ in range(count)]
    opened = time.perf_counter() - begun
    await asyncio.sleep(2)
    each = (server.memory() - before) / count / 1024
    all_times: list[float] = []
    cpu = server.cpu()
    for number in range(rounds):
        sent = time.perf_counter()
        body = {"tags": {"n": str(number)}}
        await loop.run_in_executor(None, lambda body=body: server.ask("PATCH", "/trial-components/bench-c", body))
        while len(arrived[number]) < count and time.perf_counter() - sent < 10:
            await asyncio.sleep(0.01)
        all_times += [when - sent for when in arrived[number]]
        await asyncio.sleep(0.3)
    cpu = server.cpu() - cpu
    lost = count * rounds - len(all_times)
    all_times.sort()
    print(f"{count} sockets, opened in {opened:.1f} s; {each:.1f} KiB of server memory each")
    print(
        f"{rounds} updates: median {statistics.median(all_times) * 1000:.0f} ms, "
        f"99 % {nearly_all(all_times) * 1000:.0f} ms, worst {all_times[-1] * 1000:.0f} ms, lost {lost}; "
        f"{cpu / rounds * 1000:.0f} ms of server CPU an update"
    )
    for socket in sockets:
        socket.close()


async def points(server: Server, listeners: int, seconds: float, runs: int = 20, rate: float = 1000) -> None:
    """Measure the server's share of a core while points come."""
    ages: list[float] = []
    listening = float("inf")
    seen: dict[str, set[float]] = {f"points:live-{number}": set() for number in range(runs)}

    def take(message: str | bytes | None, first: bool) -> None:
        now = time.time()
        if message is None or not first:
            return
        for event in json.loads(message):
            if event["topic"] in seen and event["type"] == "append":
                for series in event["data"]["series"]:
                    steps, ts, _ = np.frombuffer(base64.b64decode(series["b64"]), "<f8").reshape(3, series["n"])
                    ages.extend((now - ts[ts > listening]).tolist())
                    seen[event["topic"]].update(steps.tolist())

    child = subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(runs), str(rate), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    loop = asyncio.get_running_loop()
    assert (await loop.run_in_executor(None, child.stdout.readline)) == "ready\n"
    sockets = [
        await server.socket(lambda message, first=first == 0: take(message, first), ["experiment:bench", *seen])
        for first in range(listeners)
    ]
    listening = time.time()
    cpu, begun = server.cpu(), time.perf_counter()
    logged = int(await loop.run_in_executor(None, child.stdout.readline))
    share = (server.cpu() - cpu) / (time.perf_counter() - begun)
    await asyncio.sleep(0.9)
    child.wait()
    told = sum(len(steps) for steps in seen.values())
    ages.sort()
    print(
        f"{logged / seconds:.0f} points/s over {runs} runs to {listeners} sockets: {share * 100:.0f} % of one core; "
        f"age: median {statistics.median(ages) * 1000:.0f} ms, 99 % {nearly_all(ages) * 1000:.0f} ms; "
        f"{told} of {logged + runs} told to the first"
    )
    for socket in sockets:
        socket.close()


async def main(sockets: int, rounds: int, seconds: float) -> None:
    """Run both."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLSTUDIO_HOME"] = str(Path(folder) / "home")
        server = Server(Path(folder) / "home")
        try:
            server.ask("POST", "/experiments", {"name": "bench"})
            server.ask("POST", "/trials", {"name": "bench-t", "experiment_name": "bench"})
            server.ask("POST", "/trial-components", {"name": "bench-c", "trials": ["bench-t"]})
            await updates(server, sockets, rounds)
            await points(server, 10, seconds)
        finally:
            server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15)
    given = parser.parse_args()
    asyncio.run(main(given.sockets, given.updates, given.seconds))
