"""A schema registry for tests: ids, subjects, versions and references over HTTP, as Confluent's clients ask for them.

It keeps what it is given and checks of it what clients can see: that Avro and JSON are JSON, that references are there,
and that a subject set to NONE-compatible or not takes the next version. It is a tool of the tests and no product.
"""
import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import proto_text

CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"


class Refusal(Exception):
    def __init__(self, status, number, message):
        super().__init__(message)
        self.status, self.number, self.message = status, number, message


def canonical(kind, text):
    """What makes two texts one schema."""
    if kind == "PROTOBUF":
        return " ".join(text.split())
    return json.dumps(json.loads(text), separators=(",", ":"))


class Store:
    """The schemas, and a note of every request."""

    def __init__(self):
        self.lock = threading.Lock()
        self.by_id = {}
        self.subjects = {}
        self.requests = []
        self.failures = 0

    def identify(self, schema):
        for number, known in self.by_id.items():
            if known["key"] == schema["key"]:
                return number
        number = len(self.by_id) + 1
        self.by_id[number] = schema
        return number

    def read(self, body):
        kind = body.get("schemaType") or "AVRO"
        if kind not in ("AVRO", "JSON", "PROTOBUF"):
            raise Refusal(422, 42201, f"Invalid schema type {kind}")
        references = body.get("references") or []
        for reference in references:
            self.version(reference["subject"], str(reference["version"]))
        try:
            if kind == "PROTOBUF" and "{" not in body["schema"]:
                body = {**body, "schema": proto_text.from_descriptor(body["schema"])}
            key = (kind, canonical(kind, body["schema"]), json.dumps(references, sort_keys=True))
        except (KeyError, ValueError) as error:
            raise Refusal(422, 42201, f"Invalid schema {body.get('schema')}: {error}") from error
        return {"kind": kind, "text": body["schema"], "references": references, "key": key}

    def register(self, subject, body):
        schema = self.read(body)
        number = self.identify(schema)
        versions = self.subjects.setdefault(subject, [])
        if number not in versions:
            versions.append(number)
        return {"id": number}

    def look_up(self, subject, body):
        if subject not in self.subjects:
            raise Refusal(404, 40401, f"Subject '{subject}' not found.")
        schema = self.read(body)
        for place, number in enumerate(self.subjects[subject]):
            if self.by_id[number]["key"] == schema["key"]:
                return self.told(subject, place + 1)
        raise Refusal(404, 40403, "Schema not found")

    def version(self, subject, text):
        if subject not in self.subjects:
            raise Refusal(404, 40401, f"Subject '{subject}' not found.")
        versions = self.subjects[subject]
        number = len(versions) if text in ("latest", "-1") else int(text) if text.isdigit() else 0
        if number < 1:
            raise Refusal(422, 42202, f"The specified version '{text}' is not a valid version id.")
        if number > len(versions):
            raise Refusal(404, 40402, f"Version {text} not found.")
        return self.told(subject, number)

    def told(self, subject, version):
        number = self.subjects[subject][version - 1]
        return {"subject": subject, "version": version, "id": number, **self.text(number)}

    def text(self, number):
        if number not in self.by_id:
            raise Refusal(404, 40403, f"Schema {number} not found")
        schema = self.by_id[number]
        told = {"schema": schema["text"]}
        if schema["kind"] != "AVRO":
            told["schemaType"] = schema["kind"]
        if schema["references"]:
            told["references"] = schema["references"]
        return told

    def answer(self, method, parts, body):
        match (method, parts):
            case ("GET", ["subjects"]):
                return sorted(self.subjects)
            case ("GET", ["schemas", "types"]):
                return ["JSON", "PROTOBUF", "AVRO"]
            case ("GET", ["schemas", "ids", number]):
                return self.text(int(number))
            case ("GET", ["schemas", "ids", number, "versions"]):
                return [
                    {"subject": subject, "version": place + 1}
                    for subject, versions in self.subjects.items()
                    for place, known in enumerate(versions) if known == int(number)]
            case ("POST", ["subjects", subject]):
                return self.look_up(subject, body)
            case ("GET", ["subjects", subject, "versions"]):
                self.version(subject, "latest")
                return list(range(1, len(self.subjects[subject]) + 1))
            case ("POST", ["subjects", subject, "versions"]):
                return self.register(subject, body)
            case ("GET", ["subjects", subject, "versions", version]):
                return self.version(subject, version)
            case ("GET", ["config", *_]):
                return {"compatibilityLevel": "NONE"}
        raise Refusal(404, 404, "HTTP 404 Not Found")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def serve(self):
        store = self.server.store
        split = urlsplit(self.path)
        parts = [unquote(part) for part in split.path.split("/") if part]
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with store.lock:
            store.requests.append((self.command, split.path))
            try:
                if self.server.login and self.headers.get("Authorization") != self.server.login:
                    raise Refusal(401, 401, "Unauthorized")
                if store.failures > 0:
                    store.failures -= 1
                    raise Refusal(500, 50001, "Error in the backend data store")
                status, answer = 200, store.answer(self.command, parts, json.loads(data) if data else {})
                if parse_qs(split.query).get("format") == ["serialized"] and answer.get("schemaType") == "PROTOBUF":
                    answer = {**answer, "schema": proto_text.to_descriptor(answer["schema"])}
            except Refusal as refusal:
                status, answer = refusal.status, {"error_code": refusal.number, "message": refusal.message}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = serve


class Registry:
    """A registry that runs: `with Registry() as registry: registry.url`."""

    def __init__(self, login=None):
        self.store = Store()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.store = self.store
        self.http.login = login and "Basic " + base64.b64encode(login.encode()).decode()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def register(self, subject, text, kind="AVRO", references=()):
        with self.store.lock:
            body = {"schema": text, "schemaType": kind, "references": list(references)}
            return self.store.register(subject, body)["id"]

    def count(self, method, path):
        with self.store.lock:
            return self.store.requests.count((method, path))
