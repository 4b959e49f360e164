"""The OpenAPI document is true: schemathesis finds no 5xx and no answer that it does not describe."""
import pathlib
import re
import subprocess
import sys

import pytest
import requests

import harness

APIS = ("rest-v2", "rest-v3", "streams")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve(env={"PINLINE_LOG_MAX_TOPICS": "200"})


def test_one_document_or_one_for_each_interface(server):
    whole = requests.get(f"http://{server.ingest}/prod/openapi.json", timeout=10)
    assert whole.status_code == 200 and whole.headers["Content-Type"] == "application/json"
    document = whole.json()
    assert document["openapi"].startswith("3.")
    assert document["servers"] == [{"url": f"http://{server.ingest}/prod"}]
    parts = {}
    for api in APIS:
        part = requests.get(f"http://{server.ingest}/openapi.json?api={api}", timeout=10).json()
        assert part["paths"]
        parts.update(part["paths"])
    assert set(parts) <= set(document["paths"])
    assert requests.get(f"http://{server.ingest}/openapi.json?api=none", timeout=10).status_code == 404


@pytest.mark.parametrize("api", APIS)
def test_schemathesis_finds_nothing(server, api):
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [str(program), "run", f"http://{server.ingest}/openapi.json?api={api}", "--checks", CHECKS, "--max-examples",
         "40", "--phases", "examples,coverage,fuzzing", "--seed", "1", "--request-timeout", "20", "--no-color",
         "--generation-database", "none"],
        capture_output=True, text=True, timeout=600, cwd=server.data.parent,
        env=harness.environment({"PYTHONHASHSEED": "0"}))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert re.search(r"[1-9][0-9]* (generated|test cases|passed)", done.stdout), done.stdout[-3000:]
