"""A store that speaks S3 (moto_server), and a proxy before it that fails as networks and stores do."""
import dataclasses
import http.client
import http.server
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

import boto3
import botocore.config
import requests

import harness

REGION = "eu-west-1"
KEY_ID, SECRET = "AKIAPINLINETEST00001", "a secret/of+tests"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def client(url, path_style=True, key=(KEY_ID, SECRET), service="s3"):
    """boto3's client of a store; it neither repeats nor hides failures."""
    style = {"addressing_style": "path" if path_style else "virtual"}
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id=key[0], aws_secret_access_key=key[1],
        config=botocore.config.Config(s3=style, retries={"total_max_attempts": 1}))


class Store:
    """moto_server in a process of its own; `url` is its address."""

    def __init__(self, log, env=None):
        self.log, self.env = log, env or {}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        harness.eventually(self._answers, lambda: f"moto_server does not start: {self.log}", seconds=60)
        return self

    def _answers(self):
        assert self.process.poll() is None, f"moto_server ended: {self.log}"
        try:
            return requests.get(f"{self.url}/moto-api/", timeout=5).ok
        except requests.RequestException:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def client(self, **options):
        return client(self.url, **options)

    def bucket(self, name):
        """Makes a bucket, and returns its name."""
        self.client().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def objects(self, bucket, prefix=""):
        """The content of every object, by key."""
        found, client = {}, self.client()
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                found[entry["Key"]] = client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        return found

    def uploads(self, bucket):
        """The keys of uploads in parts that are under way."""
        return [entry["Key"] for entry in self.client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])]

    def environment(self, url=None):
        """What a program needs to be told to reach it, or the proxy before it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_S3": url or self.url,
        }


@dataclasses.dataclass
class Fault:
    """What becomes of some requests; made by the proxy's methods."""
    kind: str
    method: str
    pattern: re.Pattern
    skip: int
    times: int
    status: int = 503
    code: str = "SlowDown"
    bytes: int = 0
    seconds: float = 0
    headers: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Seen:
    """One request as it came through."""
    method: str
    path: str
    query: str
    headers: dict
    length: int
    fault: str = ""
    status: int = 0


class FaultyProxy:
    """Passes requests on to a store, but for those that a fault was set for.

    Each method that sets one takes `method` ("" for any), `match` (a pattern found in path?query), `skip` (how many
    fitting requests pass first) and `times` (how many then fail). Faults are tried in the order they were set.
    """

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.faults, self.seen = [], []
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.released = threading.Event()

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    # ---- Faults

    def answer(self, status, code, method="", match="", skip=0, times=1, headers=None):
        """The store refuses: 503 SlowDown, 500 InternalError, 412 PreconditionFailed … Nothing is done."""
        self._add("answer", method, match, skip, times, status=status, code=code, headers=headers or {})

    def late_error(self, code="InternalError", method="", match="", skip=0, times=1):
        """An error in the body of a 200, as when an upload is completed. Nothing is done."""
        self._add("late_error", method, match, skip, times, code=code)

    def cut(self, after=0, method="", match="", skip=0, times=1):
        """The connection breaks after so many bytes of the request's body. Nothing is done."""
        self._add("cut", method, match, skip, times, bytes=after)

    def lose(self, method="", match="", skip=0, times=1):
        """The request is done, but its answer is lost with the connection."""
        self._add("lose", method, match, skip, times)

    def cut_answer(self, after=0, method="", match="", skip=0, times=1):
        """The connection breaks after so many bytes of the answer's body."""
        self._add("cut_answer", method, match, skip, times, bytes=after)

    def hang(self, seconds=3600, method="", match="", skip=0, times=1):
        """No answer for so long, then the connection is closed. Nothing is done."""
        self._add("hang", method, match, skip, times, seconds=seconds)

    def slow(self, seconds, method="", match="", skip=0, times=1):
        """The request is done after a delay."""
        self._add("slow", method, match, skip, times, seconds=seconds)

    def clear(self):
        with self._lock:
            self.faults.clear()

    def _add(self, kind, method, match, skip, times, **rest):
        with self._lock:
            self.faults.append(Fault(kind, method, re.compile(match), skip, times, **rest))

    def _take(self, method, target):
        with self._lock:
            for fault in self.faults:
                if fault.times == 0 or fault.method not in ("", method) or not fault.pattern.search(target):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    def requests(self, method="", match=""):
        """The requests that came, in order."""
        with self._lock:
            return [s for s in self.seen
                    if s.method.startswith(method) and re.search(match, f"{s.path}?{s.query}")]

    # ---- Passing on

    def _handler(proxy):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def _run(self):
                length = int(self.headers.get("Content-Length") or 0)
                split = urllib.parse.urlsplit(self.path)
                seen = Seen(self.command, split.path, split.query, dict(self.headers), length)
                with proxy._lock:
                    proxy.seen.append(seen)
                fault = proxy._take(self.command, self.path)
                seen.fault = fault.kind if fault else ""
                try:
                    self._answer(fault, seen, length)
                except OSError:
                    self.close_connection = True

            def _answer(self, fault, seen, length):
                kind = fault.kind if fault else ""
                if kind == "cut":
                    self.rfile.read(min(fault.bytes, length))
                    return self._break()
                body = self.rfile.read(length)
                if kind == "hang":
                    proxy.released.wait(fault.seconds)
                    return self._break()
                if kind == "slow":
                    proxy.released.wait(fault.seconds)
                if kind in ("answer", "late_error"):
                    status = fault.status if kind == "answer" else 200
                    text = f"<Error><Code>{fault.code}</Code><Message>as the test wants it</Message></Error>"
                    seen.status = status
                    return self._send(status, {"Content-Type": "application/xml", **fault.headers}, text.encode())
                status, headers, answer = self._forward(body)
                seen.status = status
                if kind == "lose":
                    return self._break()
                self._send(status, headers, answer, fault.bytes if kind == "cut_answer" else None)

            def _forward(self, body):
                onward = http.client.HTTPConnection(proxy.upstream.hostname, proxy.upstream.port, timeout=60)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "expect")}
                onward.request(self.command, self.path, body=body, headers=headers)
                response = onward.getresponse()
                answer = response.read()
                onward.close()
                return response.status, dict(response.getheaders()), answer

            def _send(self, status, headers, body, cut_after=None):
                self.send_response_only(status)
                left_out = ("connection", "transfer-encoding", "content-length")
                for name, value in headers.items():
                    if name.lower() not in left_out:
                        self.send_header(name, value)
                length = headers.get("Content-Length") or headers.get("content-length")
                if status != 204:
                    self.send_header("Content-Length", length if self.command == "HEAD" and length else len(body))
                self.end_headers()
                if self.command == "HEAD":
                    return
                self.wfile.write(body if cut_after is None else body[:cut_after])
                if cut_after is not None:
                    self.wfile.flush()
                    time.sleep(0.05)
                    self._break()

            def _break(self):
                # Closed at once, with a reset rather than an end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _run

        return Handler
