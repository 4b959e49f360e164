"""What the tests of the ingest port's security share."""
import json

import requests

import harness

ACCESS_KEYS = "User name,Access key ID,Secret access key\r\nada,AKIAADA,ada/secret+key\r\n"
TOPIC = "guarded.pin"
BODY = {"records": [{"value": {"index": 1}}]}


def post(server, topic=TOPIC, rows=None, scheme="http", body=None, session=requests, **options):
    """One request; never raises for its status."""
    headers = {"Content-Type": harness.KAFKA_JSON, **options.pop("headers", {})}
    data = body if body is not None else json.dumps({"records": [{"value": row} for row in rows]} if rows else BODY)
    return session.post(
        f"{scheme}://{server.ingest}/prod/topics/{topic}", data=data, headers=headers, timeout=30, **options)


def end_of(server, topic=TOPIC, **options):
    """One past the last record of the topic's only partition: posts one more, and tells its offset."""
    answer = post(server, topic, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["offsets"][0]["offset"]


def make_key(server, user, *arguments):
    """The key itself, and its id."""
    rows = json.loads(harness.succeed(
        "keys", "create", user, "--data", server.data, "--format", "json", *arguments))
    row = (rows["rows"] if isinstance(rows, dict) else rows)[0]
    return row["key"], row["id"]


def make_user(server, name, password):
    harness.succeed("users", "add", name, "--data", server.data, env={"PINLINE_PASSWORD": password})
