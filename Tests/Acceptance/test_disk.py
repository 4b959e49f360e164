"""Disks that cannot be written: the answer names the trouble, and what was acknowledged stays."""
import json
import os
import subprocess

import pytest
import requests

import harness

TOPIC = f"{harness.USER}.pin"


def mount(folder, options):
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB."""
    folder = tmp_path / "disk"
    mount(folder, "size=16m")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def read_only_disk(tmp_path):
    folder = tmp_path / "disk"
    mount(folder, "size=16m,ro")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def post(server, row):
    return requests.post(
        f"http://{server.ingest}/test/topics/{TOPIC}", json.dumps({"records": [{"value": row}]}),
        headers={"Content-Type": harness.KAFKA_JSON}, timeout=30)


def test_a_read_only_disk_stops_the_start(read_only_disk):
    done = harness.run(
        "serve", "--data", read_only_disk / "data", "--ingest", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web",
        "127.0.0.1:0", timeout=30)
    assert done.returncode == 1, done.stderr
    assert str(read_only_disk) in done.stderr and "read only" in done.stderr.lower().replace("-", " ")


def test_a_folder_without_the_right_to_write_stops_the_start(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "data").mkdir(mode=0o500)
    done = harness.run("serve", "--data", tmp_path / "data", "--ingest", "127.0.0.1:0", "--web", "127.0.0.1:0")
    assert done.returncode == 1
    assert str(tmp_path / "data") in done.stderr


def fill(server):
    """Posts until a post is refused; returns what was acknowledged and the refusal."""
    acknowledged = []
    for number in range(400):
        answer = post(server, {"index": number, "title": "x" * 100_000})
        if answer.status_code != 200 or answer.json()["offsets"][0]["error_code"] is not None:
            return acknowledged, answer
        assert answer.json()["offsets"][0]["offset"] == number
        acknowledged.append(number)
    raise AssertionError("40 MB went on a disk of 16 MB")


def test_a_full_disk_is_named_and_loses_nothing(small_disk, serve):
    server = serve(data=small_disk / "data")
    acknowledged, refusal = fill(server)
    assert len(acknowledged) > 10
    assert refusal.status_code >= 500 or refusal.status_code == 200, refusal.text
    assert any(word in refusal.text.lower() for word in ("disk", "space")), refusal.text
    # It still answers, and says no again rather than yes to what it cannot keep.
    again = post(server, {"index": -1, "title": "x" * 100_000})
    assert again.status_code != 200 or again.json()["offsets"][0]["error_code"] is not None

    # With more room, what was acknowledged is there once, and new records are taken.
    subprocess.run(["mount", "-o", "remount,size=128m", str(small_disk)], check=True)
    server.stop()
    server.start()
    answer = post(server, {"index": 1000})
    assert answer.status_code == 200, answer.text
    harness.eventually(lambda: server.lag() == 0, lambda: server.log_tail())
    stored = [row["index"] for row in harness.records(server.data, TOPIC)]
    assert [number for number in stored if number in set(acknowledged)] == acknowledged
    assert stored[-1] == 1000 and -1 not in stored


def test_a_full_disk_is_survived_by_a_kill(small_disk, serve):
    server = serve(data=small_disk / "data")
    acknowledged, _ = fill(server)
    server.kill()
    subprocess.run(["mount", "-o", "remount,size=128m", str(small_disk)], check=True)
    server.start()
    harness.eventually(lambda: server.lag() == 0, lambda: server.log_tail())
    stored = [row["index"] for row in harness.records(server.data, TOPIC)]
    assert stored[:len(acknowledged)] == acknowledged
    assert len(stored) <= len(acknowledged) + 1
