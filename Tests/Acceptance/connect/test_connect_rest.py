"""Kafka Connect's REST interface, row by row: what scripts send, and what they look at in the answers."""
import re

import pytest
import requests

import connect_client
import harness
from connect_client import error, peoples_config

CLASS = "io.confluent.connect.s3.S3SinkConnector"


@pytest.fixture
def made(shared, request):
    """A connector with a name of its own that is gone after the test."""
    server, connect = shared
    name = f"c{abs(hash(request.node.name)) % 1_000_000}"
    config = peoples_config(topics_regex=None, topics=f"{name}.pin", s3_bucket_name=f"bucket-{name}")
    connect.create(name, config)
    yield server, connect, name, {**config, "name": name}
    connect.call("DELETE", f"/connectors/{name}")


def test_the_root_tells_version_and_cluster(shared):
    root = shared[1].get("/")
    assert set(root) == {"version", "commit", "kafka_cluster_id"} and root["version"].startswith("3.")
    assert shared[1].get("/health")["status"] == "healthy"


def test_a_connector_is_created_with_its_place(shared):
    connect = shared[1]
    answer = connect.call("POST", "/connectors", {"name": " a b ", "config": peoples_config()})
    try:
        assert answer.status_code == 201 and answer.headers["location"] == "/connectors/a%20b"
        body = answer.json()
        assert body["name"] == "a b" and body["type"] == "sink"
        assert body["tasks"] == [{"connector": "a b", "task": number} for number in range(3)]
        assert body["config"] == {**peoples_config(), "name": "a b"}
        error(connect.call("POST", "/connectors", {"name": "a b", "config": peoples_config()}), 409, "already exists")
    finally:
        assert connect.call("DELETE", "/connectors/a%20b").status_code == 204
    error(connect.call("GET", "/connectors/a%20b"), 404, "a b not found")


def test_values_may_be_numbers_and_flags(shared):
    connect = shared[1]
    connect.create("typed", {**peoples_config(), "flush.size": 3, "store.kafka.keys": False})
    config = connect.get("/connectors/typed/config")
    assert (config["flush.size"], config["store.kafka.keys"]) == ("3", "false")
    connect.call("DELETE", "/connectors/typed")


def test_connectors_are_listed_and_expanded(made):
    _, connect, name, config = made
    assert name in connect.get("/connectors")
    both = connect.get("/connectors?expand=status&expand=info")[name]
    assert both["info"]["config"] == config and both["status"]["name"] == name
    assert set(connect.get("/connectors?expand=info")[name]) == {"info"}


def test_configurations_are_put_and_patched(made):
    _, connect, name, config = made
    answer = connect.call("PUT", f"/connectors/{name}/config", {**config, "flush.size": "5"})
    assert answer.status_code == 200 and answer.json()["config"]["flush.size"] == "5"
    answer = connect.call("PATCH", f"/connectors/{name}/config", {"tasks.max": "1", "schema.compatibility": None})
    assert answer.status_code == 200 and len(answer.json()["tasks"]) == 1
    assert "schema.compatibility" not in connect.get(f"/connectors/{name}/config")
    fresh = connect.call("PUT", f"/connectors/{name}-new/config", {**config, "name": f"{name}-new"})
    assert fresh.status_code == 201 and fresh.headers["location"] == f"/connectors/{name}-new"
    assert connect.call("DELETE", f"/connectors/{name}-new").status_code == 204


def test_a_wrong_configuration_is_refused_with_every_finding(shared):
    config = peoples_config(flush_size="many", tasks_max="0", s3_bucket_name=None)
    message = error(
        shared[1].call("POST", "/connectors", {"name": "wrong", "config": config}), 400,
        "Connector configuration is invalid and contains the following 3 error(s):",
        "Invalid value many for configuration flush.size: Not a number of type INT",
        "Invalid value 0 for configuration tasks.max: Value must be at least 1",
        'Missing required configuration "s3.bucket.name" which has no default value.')
    assert "/connector-plugins/{connectorType}/config/validate" in message


@pytest.mark.parametrize("body, words", [
    ({"name": "x", "config": {"name": "y", "connector.class": CLASS}}, ["(y) doesn't match connector name in the URL (x)"]),
    ({"name": "", "config": peoples_config()}, ["name"]),
    ({"name": "a\u0007b", "config": peoples_config()}, ["control"]),
    ({"name": "x", "config": {"connector.class": "com.example.Nobody"}}, ["com.example.Nobody", CLASS]),
    ({"name": "x", "config": {"flush.size": "1"}}, ["connector.class"]),
    ({"name": "x", "config": [1]}, ["object"]), ({"name": "x", "wrong": 1}, ["wrong"]),
    ({"name": "x", "config": peoples_config(), "initial_state": "IDLE"}, ["initial_state"]),
])
def test_requests_that_make_no_connector(shared, body, words):
    error(shared[1].call("POST", "/connectors", body), 400, *words)
    assert "x" not in shared[1].get("/connectors")


def test_bad_json_wrong_methods_paths_and_media_types(shared):
    url = shared[1].url
    kind = {"Content-Type": "application/json"}
    error(requests.post(f"{url}/connectors", data="{", headers=kind, timeout=10), 400, "JSON")
    error(requests.put(f"{url}/connectors", timeout=10), 405)
    error(requests.get(f"{url}/connectors/x/nothing", timeout=10), 404)
    error(requests.get(f"{url}/nothing", timeout=10), 404)
    error(requests.post(f"{url}/connectors", data="name=x", timeout=10,
                        headers={"Content-Type": "application/x-www-form-urlencoded"}), 415)
    error(requests.post(f"{url}/connectors", json={}, headers={"Origin": "http://example.com"}, timeout=10), 403)
    error(requests.post(f"{url}/connectors", json={}, headers={"Origin": url}, timeout=10), 400)
    big = requests.post(f"{url}/connectors", data=b" " * (2 << 20), headers=kind, timeout=10)
    error(big, 413, "connect.max.request.bytes")


def test_status_tasks_and_their_configurations(made):
    server, connect, name, config = made
    status = connect.wait_for(name)
    assert status["type"] == "sink" and [task["id"] for task in status["tasks"]] == [0, 1, 2]
    assert status["connector"] == {"state": "RUNNING", "worker_id": server.web}
    assert connect.get(f"/connectors/{name}/tasks/2/status") == {
        "id": 2, "state": "RUNNING", "worker_id": server.web}
    tasks = connect.get(f"/connectors/{name}/tasks")
    assert [task["id"] for task in tasks] == [{"connector": name, "task": number} for number in range(3)]
    assert tasks[0]["config"]["task.class"] == "io.confluent.connect.s3.S3SinkTask"
    assert set(connect.get(f"/connectors/{name}/tasks-config")) == {f"{name}-{number}" for number in range(3)}
    error(connect.call("GET", f"/connectors/{name}/tasks/3/status"), 404)


def test_pause_resume_stop(made):
    _, connect, name, _ = made
    for _ in range(2):
        assert connect.call("PUT", f"/connectors/{name}/pause").status_code == 202
    assert len(connect.wait_for(name, "PAUSED")["tasks"]) == 3
    assert connect.call("PUT", f"/connectors/{name}/resume").status_code == 202
    connect.wait_for(name)
    assert connect.call("PUT", f"/connectors/{name}/stop").status_code == 204
    assert connect.wait_for(name, "STOPPED")["tasks"] == []
    assert connect.get(f"/connectors/{name}")["tasks"] == []
    assert connect.call("PUT", f"/connectors/{name}/resume").status_code == 202
    connect.wait_for(name)


def test_restarts(made):
    _, connect, name, _ = made
    connect.wait_for(name)
    assert connect.call("POST", f"/connectors/{name}/restart").status_code == 204
    answer = connect.call("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=false")
    assert answer.status_code == 202 and answer.json()["connector"]["state"] == "RESTARTING"
    answer = connect.call("POST", f"/connectors/{name}/restart?onlyFailed=true")
    assert answer.status_code == 202 and answer.json()["name"] == name
    assert connect.call("POST", f"/connectors/{name}/tasks/0/restart").status_code == 204
    error(connect.call("POST", f"/connectors/{name}/tasks/9/restart"), 404, f"{name}-9")
    error(connect.call("POST", f"/connectors/{name}/restart?onlyFailed=maybe"), 400, "maybe")
    connect.wait_for(name)


@pytest.mark.parametrize("method, path", [
    ("GET", ""), ("GET", "/config"), ("PATCH", "/config"), ("GET", "/status"), ("GET", "/tasks"),
    ("GET", "/tasks-config"), ("GET", "/tasks/0/status"), ("POST", "/tasks/0/restart"), ("POST", "/restart"),
    ("PUT", "/pause"), ("PUT", "/resume"), ("PUT", "/stop"), ("DELETE", ""), ("GET", "/offsets"),
    ("DELETE", "/offsets"), ("GET", "/topics"), ("POST", "/flush"), ("GET", "/progress"),
])
def test_a_connector_that_is_not_there(shared, method, path):
    error(shared[1].call(method, f"/connectors/none{path}", {} if method == "PATCH" else None), 404)


def test_topics_offsets_flush_and_progress(made):
    server, connect, name, config = made
    topic = f"{name}.pin"
    connect.call("PUT", f"/connectors/{name}/config", {**config, "flush.size": "1000"})
    server.post(topic, *[{"index": number} for number in range(5)])
    harness.eventually(
        lambda: connect.progress(name).get((topic, 0), {}).get("open_records") == 5,
        lambda: connect.get(f"/connectors/{name}/progress"))
    answer = connect.call("POST", f"/connectors/{name}/flush")
    assert answer.status_code == 200, answer.text
    partition = connect.progress(name)[topic, 0]
    assert (partition["committed"], partition["lag"]) == (5, 0)
    harness.eventually(
        lambda: connect.progress(name)[topic, 0]["open_records"] == 0, lambda: connect.progress(name))
    objects = connect_client.bucket_objects(server.data / "buckets" / config["s3.bucket.name"])
    assert list(objects) == [f"topics/{topic}/partition=0/{topic}+0+0000000000.json"]
    assert connect.get(f"/connectors/{name}/topics") == {name: {"topics": [topic]}}
    assert connect.call("PUT", f"/connectors/{name}/topics/reset").status_code == 202
    assert connect.get(f"/connectors/{name}/topics") == {name: {"topics": []}}
    metrics = requests.get(f"http://{server.web}/metrics", timeout=10).text
    label = f'connector="{name}",topic="{topic}",partition="0"'
    assert f"pinline_connect_lag_records{{{label}}} 0" in metrics
    stored = re.findall(rf'^pinline_connect_records_total\{{connector="{name}",[^}}]*\}} (.*)$', metrics, re.M)
    assert sum(map(float, stored)) == 5
    offsets = [{"partition": {"kafka_topic": topic, "kafka_partition": 0}, "offset": {"kafka_offset": 5}}]
    assert connect.get(f"/connectors/{name}/offsets") == {"offsets": offsets}
    change = {"offsets": [{**offsets[0], "offset": {"kafka_offset": 2}}]}
    error(connect.call("PATCH", f"/connectors/{name}/offsets", change), 400, "STOPPED")
    error(connect.call("DELETE", f"/connectors/{name}/offsets"), 400, f"/connectors/{name}/stop")
    connect.call("PUT", f"/connectors/{name}/stop")
    answer = connect.call("PATCH", f"/connectors/{name}/offsets", change)
    assert answer.status_code == 200 and "altered successfully" in answer.json()["message"]
    assert connect.get(f"/connectors/{name}/offsets") == change
    error(connect.call("PATCH", f"/connectors/{name}/offsets", {"offsets": []}), 400)
    connect.call("PUT", f"/connectors/{name}/resume")
    harness.eventually(
        lambda: connect.progress(name).get((topic, 0), {}).get("open_records") == 3,
        lambda: connect.get(f"/connectors/{name}/progress"))
    connect.call("PUT", f"/connectors/{name}/stop")
    answer = connect.call("DELETE", f"/connectors/{name}/offsets")
    assert answer.status_code == 200 and "reset successfully" in answer.json()["message"]
    assert connect.get(f"/connectors/{name}/offsets") == {"offsets": []}


def test_plugins_and_their_keys(shared):
    connect = shared[1]
    assert connect.get("/connector-plugins") == [{"class": CLASS, "type": "sink", "version": "10.5.13"}]
    kinds = {plugin["type"] for plugin in connect.get("/connector-plugins?connectorsOnly=false")}
    assert kinds == {"sink", "converter", "header_converter"}
    for name in (CLASS, "S3SinkConnector", "S3Sink"):
        keys = {key["name"]: key for key in connect.get(f"/connector-plugins/{name}/config")}
        assert keys["tasks.max"]["default_value"] == "1" and keys["tasks.max"]["type"] == "INT"
        assert keys["flush.size"]["required"] and keys["flush.size"]["default_value"] is None
        assert keys["aws.secret.access.key"]["type"] == "PASSWORD"
        assert set(keys["topics"]) == {
            "name", "type", "required", "default_value", "importance", "documentation", "group", "width",
            "display_name", "dependents", "order_in_group"}
    assert len(connect.get("/connector-plugins/org.apache.kafka.connect.json.JsonConverter/config")) == 3
    error(connect.call("GET", "/connector-plugins/Nobody/config"), 404, "Unknown plugin Nobody.")


def test_validation_tells_each_key(shared):
    connect = shared[1]
    path = "/connector-plugins/S3SinkConnector/config/validate"
    good = connect.call("PUT", path, peoples_config(name="x", aws_secret_access_key="hunter2")).json()
    assert good["error_count"] == 0 and good["name"] == CLASS and good["groups"][0] == "Common"
    values = {entry["value"]["name"]: entry["value"] for entry in good["configs"]}
    assert values["flush.size"]["value"] == "1" and values["s3.part.size"]["value"] == "26214400"
    assert values["aws.secret.access.key"]["value"] == "[hidden]"
    answer = connect.call("PUT", path, peoples_config(name="x", flush_size=None, transforms="drop"))
    assert answer.status_code == 200
    wrong = {e["value"]["name"]: e["value"]["errors"] for e in answer.json()["configs"] if e["value"]["errors"]}
    assert set(wrong) == {"flush.size", "transforms"} and answer.json()["error_count"] == 2
    error(connect.call("PUT", path, {}), 400, "connector.class")
    error(connect.call("PUT", "/connector-plugins/Other/config/validate", peoples_config()), 400, "Other")


def test_levels_of_loggers(shared):
    connect = shared[1]
    assert connect.get("/admin/loggers")["root"]["level"] == "INFO"
    answer = connect.call("PUT", "/admin/loggers/root", {"level": "DEBUG"})
    assert answer.status_code == 200 and answer.json() == ["root"]
    assert connect.get("/admin/loggers/root")["level"] == "DEBUG"
    assert connect.call("PUT", "/admin/loggers/root?scope=cluster", {"level": "INFO"}).status_code == 204
    error(connect.call("GET", "/admin/loggers/none"), 404)
    error(connect.call("PUT", "/admin/loggers/root", {"level": "LOUD"}), 404, "LOUD")


def test_a_task_that_fails_tells_why_and_waits_or_begins_again(serve):
    server = serve()
    connect = connect_client.Connect(server.web)
    topic = "fails.pin"
    server.post(topic, {"index": 1})
    # The value is no record of the field partitioner's: only its user can help.
    config = peoples_config(
        topics_regex=None, topics=topic, tasks_max="1", partition_field_name="index",
        partitioner_class="io.confluent.connect.storage.partitioner.FieldPartitioner")
    connect.create("stuck", config)
    harness.eventually(
        lambda: connect.get("/connectors/stuck/status")["tasks"][0]["state"] == "FAILED",
        lambda: connect.get("/connectors/stuck/status"))
    assert connect.get("/connectors/stuck/status")["tasks"][0]["trace"]
    assert connect.get("/connectors/stuck/progress")["tasks"][0]["next_attempt"] is None
    # Its user puts it right.
    assert connect.call("PATCH", "/connectors/stuck/config", {
        "partitioner.class": "io.confluent.connect.storage.partitioner.DefaultPartitioner"}).status_code == 200
    connect.wait_until_stored("stuck", {topic: 1})
