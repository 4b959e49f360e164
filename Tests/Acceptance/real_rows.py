"""The real rows: where they are, and their tables."""
import csv
import json
import os
import pathlib

import pytest

import harness


def folder():
    """The folder of real rows; a test that calls this is skipped where there is none, but not in CI."""
    path = pathlib.Path(os.environ.get("PINLINE_REAL_DATA") or harness.CHECKOUT.parent / "shared" / "data" / "real")
    if not path.is_dir():
        why = f"the real rows are not at {path}: set PINLINE_REAL_DATA to their folder"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(why)
        pytest.skip(why)
    return path


def ndjson(name):
    with open(folder() / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def pins():
    return ndjson("pin.ndjson")


def geolocations():
    """The rows of the geolocation table by key."""
    with open(folder() / "geolocation_data.csv", encoding="utf-8", newline="") as file:
        return {
            int(row["ind"]): {
                "ind": int(row["ind"]), "timestamp": row["timestamp"], "latitude": float(row["latitude"]),
                "longitude": float(row["longitude"]), "country": row["country"]}
            for row in csv.DictReader(file)}


def users():
    """The rows of the user table by key."""
    with open(folder() / "user_data.csv", encoding="utf-8", newline="") as file:
        return {
            int(row["ind"]): {
                "ind": int(row["ind"]), "first_name": row["first_name"], "last_name": row["last_name"],
                "age": int(row["age"]), "date_joined": row["date_joined"]}
            for row in csv.DictReader(file)}


def post_log():
    """What one emulator posted, in order, repeats included: objects with pin, geo and user."""
    return ndjson("post_log.ndjson")
