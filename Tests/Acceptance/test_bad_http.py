"""HTTP itself, right and wrong, by hand over a socket: framing, keep-alive, and what must not be let through."""
import json
import socket
import threading

import pytest

from harness import KAFKA_JSON

TOPIC = "wire.pin"
BODY = b'{"records":[{"value":{"index":1}}]}'
SMUGGLED = b'{"records":[{"value":{"index":"smuggled"}}]}'


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


def head(*headers, length=len(BODY), method="POST", version="HTTP/1.1"):
    lines = [f"{method} /test/topics/{TOPIC} {version}", "Host: pinline", f"Content-Type: {KAFKA_JSON}", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Wire:
    """A connection that reads one answer at a time."""

    def __init__(self, server):
        self.socket = socket.create_connection((server.host, server.port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, content):
        self.socket.sendall(content)

    def _more(self):
        received = self.socket.recv(65536)
        self.buffer += received
        return bool(received)

    def answer(self):
        """Status and body of the next answer; None if the connection is closed without one."""
        try:
            while b"\r\n\r\n" not in self.buffer:
                if not self._more():
                    return None
        except ConnectionError:
            return None
        first, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = int(first.split(b" ", 2)[1])
        headers = dict(line.lower().split(b":", 1) for line in first.split(b"\r\n")[1:])
        length = 0 if status == 100 else int(headers.get(b"content-length", b"0"))
        while len(self.buffer) < length:
            assert self._more(), "the connection closed in the middle of an answer"
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return status, body

    def is_closed(self):
        """Waits for the other side to close; fails by the socket's own time limit."""
        try:
            while self._more():
                pass
        except ConnectionError:
            pass
        return True


def offset(answer):
    status, body = answer
    assert status == 200, answer
    return json.loads(body)["offsets"][0]["offset"]


@pytest.fixture
def nothing_is_stored(server):
    before = server.post(TOPIC, {"index": 0})[0][1]
    yield
    assert server.post(TOPIC, {"index": 0})[0][1] == before + 1, "a part of the bad request was stored"


# ---- What must work

def test_a_hundred_requests_on_one_connection(server):
    with Wire(server) as wire:
        offsets = []
        for _ in range(100):
            wire.send(head() + BODY)
            offsets.append(offset(wire.answer()))
    assert offsets == list(range(offsets[0], offsets[0] + 100))


def test_pipelined_requests_are_answered_in_order(server):
    with Wire(server) as wire:
        wire.send((head() + BODY) * 20)
        offsets = [offset(wire.answer()) for _ in range(20)]
    assert offsets == list(range(offsets[0], offsets[0] + 20))


def test_pipelined_requests_before_the_client_ends_are_all_answered(server):
    with Wire(server) as wire:
        wire.send((head() + BODY) * 5)
        wire.socket.shutdown(socket.SHUT_WR)
        offsets = [offset(wire.answer()) for _ in range(5)]
        assert wire.is_closed()
    assert offsets == list(range(offsets[0], offsets[0] + 5))


def test_good_and_bad_pipelined_requests_are_answered_in_order(server):
    bad = b'{"records":[]}'
    with Wire(server) as wire:
        wire.send((head() + BODY + head(length=len(bad)) + bad) * 5)
        statuses = [wire.answer()[0] for _ in range(10)]
    assert statuses == [200, 422] * 5


def test_a_request_cut_into_single_bytes(server):
    with Wire(server) as wire:
        for byte in head() + BODY:
            wire.send(bytes([byte]))
        offset(wire.answer())


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_chunked_body(server, size):
    pieces = [BODY[i:i + size] for i in range(0, len(BODY), size)]
    body = b"".join(b"%X;note=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nTrailer: x\r\n\r\n"
    with Wire(server) as wire:
        wire.send(head("Transfer-Encoding: chunked", length=None) + body)
        first = offset(wire.answer())
        wire.send(head() + BODY)
        assert offset(wire.answer()) == first + 1


def test_a_client_that_waits_for_100_continue(server):
    with Wire(server) as wire:
        wire.send(head("Expect: 100-continue"))
        assert wire.answer() == (100, b"")
        wire.send(BODY)
        offset(wire.answer())


def test_connection_close_closes(server):
    with Wire(server) as wire:
        wire.send(head("Connection: close") + BODY)
        offset(wire.answer())
        assert wire.is_closed()


def test_the_first_version_of_http_is_answered_and_closed(server):
    with Wire(server) as wire:
        wire.send(head(version="HTTP/1.0") + BODY)
        offset(wire.answer())
        assert wire.is_closed()


# ---- What must be refused

def refused(server, content, *statuses):
    """The request gets one of these statuses, or none at all, and its connection is not used any further."""
    with Wire(server) as wire:
        try:
            wire.send(content)
        except ConnectionError:
            return
        answer = wire.answer()
        if answer is not None:
            assert answer[0] in statuses, answer
        assert wire.is_closed()


def test_length_and_chunks_together(server, nothing_is_stored):
    rest = head(length=len(SMUGGLED)) + SMUGGLED
    refused(server, head("Transfer-Encoding: chunked", length=4) + b"0\r\n\r\n" + rest, 400)


def test_two_lengths(server, nothing_is_stored):
    refused(server, head(f"Content-Length: {len(BODY) + 1}") + BODY + b"x", 400)


@pytest.mark.parametrize("length", ["+35", "-1", "35x", "0x23", "3 5", "35, 36", "99999999999999999999999"])
def test_a_length_that_is_no_number(server, nothing_is_stored, length):
    refused(server, head(length=length) + BODY, 400, 413)


def test_a_folded_header(server, nothing_is_stored):
    refused(server, head("X-Folded: one\r\n two") + BODY, 400)


@pytest.mark.parametrize("header", ["Transfer-Encoding : chunked", "Bad Name: x", "No colon", ": empty", "X: a\x00b"])
def test_a_header_that_is_none(server, nothing_is_stored, header):
    refused(server, head(header) + BODY, 400)


@pytest.mark.parametrize("coding", [
    "gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunked\r\nTransfer-Encoding: x"])
def test_another_transfer_coding(server, nothing_is_stored, coding):
    refused(server, head(f"Transfer-Encoding: {coding}", length=None) + b"0\r\n\r\n", 400, 501)


@pytest.mark.parametrize("size", [b"G", b"-1", b"FFFFFFFFFFFFFFFFF", b"", b"0x10", b"7FFFFFFFFFFFFFFF"])
def test_a_chunk_size_that_is_none(server, nothing_is_stored, size):
    chunk = size + b"\r\n" + BODY + b"\r\n0\r\n\r\n"
    refused(server, head("Transfer-Encoding: chunked", length=None) + chunk, 400, 413)


@pytest.mark.parametrize("content", [
    b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n",
    b"POST\r\n\r\n", b"POST /topics/t HTTP/3.7\r\nHost: x\r\n\r\n"], ids=["words", "TLS", "no path", "version"])
def test_what_is_no_http(server, nothing_is_stored, content):
    refused(server, content, 400, 505)


def test_a_header_that_never_ends(server, nothing_is_stored):
    with Wire(server) as wire:
        try:
            wire.send(b"POST /topics/t HTTP/1.1\r\nHost: x\r\nX: ")
            for _ in range(1000):
                wire.send(b"y" * 10_000)
        except ConnectionError:
            return
        answer = wire.answer()
        assert answer is None or answer[0] in (400, 431), answer


def test_headers_without_number(server, nothing_is_stored):
    with Wire(server) as wire:
        try:
            wire.send(b"POST /topics/t HTTP/1.1\r\nHost: x\r\n")
            for number in range(200_000):
                wire.send(b"X-%d: y\r\n" % number)
        except ConnectionError:
            return
        answer = wire.answer()
        assert answer is None or answer[0] in (400, 431), answer


def test_a_path_that_never_ends(server, nothing_is_stored):
    refused(server, b"POST /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400, 404, 414, 431)


def test_a_path_with_dots_stays_a_path(server, nothing_is_stored):
    with Wire(server) as wire:
        wire.send(head().replace(f"/test/topics/{TOPIC}".encode(), b"/test/topics/../../x") + BODY)
        assert wire.answer()[0] in (400, 404)


def test_a_body_that_breaks_off(server, nothing_is_stored):
    with Wire(server) as wire:
        wire.send(head(length=len(BODY) + 10) + BODY)


def test_a_chunked_body_that_breaks_off(server, nothing_is_stored):
    with Wire(server) as wire:
        wire.send(head("Transfer-Encoding: chunked", length=None) + b"%X\r\n%s\r\n" % (len(BODY), BODY))


def test_two_hundred_idle_connections_do_not_keep_others_out(server):
    idle = [Wire(server) for _ in range(200)]
    try:
        for wire in idle:
            wire.send(head()[:20])
        server.post(TOPIC, {"index": 1})
    finally:
        for wire in idle:
            wire.socket.close()


# ---- What two servers could read differently

POST = f"POST /test/topics/{TOPIC} HTTP/1.1\r\n".encode()
TYPE = f"Content-Type: {KAFKA_JSON}\r\n".encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)


@pytest.mark.parametrize("content", [
    POST + b"Host: x\n" + TYPE + LENGTH + b"\r\n",
    POST.replace(b"\r\n", b"\n") + b"Host: x\r\n" + TYPE + LENGTH + b"\r\n",
    POST + b"Host: x\r\n" + TYPE + LENGTH + b"X: a\rContent-Length: 0\r\n\r\n",
    POST + b"Host: x\r\n" + TYPE + LENGTH + b"X: a\nTransfer-Encoding: chunked\r\n\r\n",
], ids=["header", "request line", "a lone CR", "a lone LF in a value"])
def test_line_ends_that_are_none(server, nothing_is_stored, content):
    refused(server, content + BODY, 400)


@pytest.mark.parametrize("header", [
    b"Content-Length : 35", b"Content-Length\t: 35", b" Content-Length: 35", b"\tContent-Length: 35",
    b"Content\x00-Length: 35", b"Content-Length: 35\x00", b"Content-Length:\x0b35", b"Content_Length: 35\r\n: x",
    b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding: chunked\x00", b"Transfer\x7fEncoding: chunked",
    b"Transfer-Encoding: \x00chunked", b"Transfer-Encoding\r\n: chunked", b"Transfer-Encoding: chun\r\n ked",
], ids=repr)
def test_headers_written_so_that_only_some_would_see_them(server, nothing_is_stored, header):
    refused(server, POST + b"Host: x\r\n" + TYPE + header + b"\r\n\r\n" + BODY, 400, 501)


@pytest.mark.parametrize("first, second", [
    (b"Content-Length: 35", b"Content-Length: 35"), (b"Content-Length: 35", b"content-length: 0"),
    (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    (b"Transfer-Encoding: chunked", b"transfer-encoding: identity"),
    (b"Content-Length: 5", b"Transfer-Encoding: chunked"), (b"Host: x", b"Host: y"),
    (b"Content-Type: text/plain", b"Content-Type: application/json"),
], ids=repr)
def test_headers_that_come_twice(server, nothing_is_stored, first, second):
    extra = b"" if first.startswith(b"Content-Type") else TYPE
    host = b"" if first.startswith(b"Host") else b"Host: x\r\n"
    content = POST + host + extra + first + b"\r\n" + second + b"\r\n\r\n" + b"0\r\n\r\n" + head() + SMUGGLED
    refused(server, content, 400, 501)


def test_a_request_without_a_host(server, nothing_is_stored):
    refused(server, POST + TYPE + LENGTH + b"\r\n" + BODY, 400)


@pytest.mark.parametrize("chunks", [
    b"23;ext=\x00\r\n" + BODY + b"\r\n0\r\n\r\n", b"23\n" + BODY + b"\n0\n\n", b"23 \r\n" + BODY + b"\r\n0\r\n\r\n",
    b"23\r\n" + BODY + b"XX0\r\n\r\n", b"22\r\n" + BODY + b"\r\n0\r\n\r\n", b"+23\r\n" + BODY + b"\r\n0\r\n\r\n",
    b"0x23\r\n" + BODY + b"\r\n0\r\n\r\n", b"23\r\n" + BODY + b"\r\n0\r\nBad Trailer\x00\r\n\r\n",
    b"23;" + b"x" * 100_000, b"10000000000000023\r\n" + BODY, b"8000000000000000\r\n" + BODY,
], ids=lambda chunks: repr(chunks[:16]))
def test_chunks_that_are_none(server, nothing_is_stored, chunks):
    refused(server, head("Transfer-Encoding: chunked", length=None) + chunks, 400, 413)


def test_trailers_without_number(server, nothing_is_stored):
    with Wire(server) as wire:
        try:
            wire.send(head("Transfer-Encoding: chunked", length=None) + b"23\r\n" + BODY + b"\r\n0\r\n")
            for number in range(100_000):
                wire.send(b"T-%d: y\r\n" % number)
        except ConnectionError:
            return
        answer = wire.answer()
        assert answer is None or answer[0] in (400, 431), answer


def test_what_stands_behind_a_refused_request_is_not_read(server, nothing_is_stored):
    refused(server, head("Bad Name: x") + head(length=len(SMUGGLED)) + SMUGGLED, 400)


def test_a_body_for_a_path_that_is_nobody_s_is_not_read_as_a_request(server, nothing_is_stored):
    hidden = head(length=len(SMUGGLED)) + SMUGGLED
    with Wire(server) as wire:
        wire.send(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden)
        assert wire.answer()[0] == 404
        wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.answer()[0] == 200


def test_a_body_of_a_get_is_not_read_as_a_request(server, nothing_is_stored):
    hidden = head(length=len(SMUGGLED)) + SMUGGLED
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden)
        assert wire.answer()[0] == 200
        wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.answer()[0] == 200


def test_a_body_too_large_is_not_read_as_a_request(server, nothing_is_stored):
    with Wire(server) as wire:
        wire.send(head(length=1 << 40))
        assert wire.answer()[0] == 413
        try:
            wire.send(head(length=len(SMUGGLED)) + SMUGGLED)
        except ConnectionError:
            return
        wire.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            assert wire.answer() is None
            raise TimeoutError


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "PRI", "post", "POST\x00", "P" * 5000])
def test_methods_that_are_not_served(server, nothing_is_stored, method):
    with Wire(server) as wire:
        wire.send(head(method=method) + BODY)
        answer = wire.answer()
        assert answer is None or answer[0] in (400, 404, 405, 501), answer


def test_an_upgrade_is_not_made(server):
    with Wire(server) as wire:
        wire.send(head("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__") + BODY)
        offset(wire.answer())


def test_a_thousand_pipelined_requests_are_answered_in_order(server):
    with Wire(server) as wire:
        sender = threading.Thread(target=wire.send, args=((head() + BODY) * 1000,))
        sender.start()
        offsets = [offset(wire.answer()) for _ in range(1000)]
        sender.join()
    assert offsets == list(range(offsets[0], offsets[0] + 1000))


def test_a_client_that_sends_a_thousand_and_reads_nothing_is_held_back_and_harms_nobody(server):
    with Wire(server) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.socket.settimeout(2)
        try:
            for _ in range(200):
                wire.send((head() + BODY) * 1000)
        except TimeoutError:
            pass
        server.post(TOPIC, {"index": 1})


def test_the_server_is_well_after_all_this(server):
    first = server.post(TOPIC, {"index": 1})[0][1]
    assert server.post(TOPIC, {"index": 2})[0][1] == first + 1
    assert server.process.poll() is None
    assert "error" not in server.log_tail(100_000).lower()
