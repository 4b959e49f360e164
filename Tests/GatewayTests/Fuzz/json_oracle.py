"""Says of each body whether the gateway should take it, by Python's json and the rules of the two forms.

Reads frames from standard input: one byte for the form (p: produce, r: record), four bytes of length (little endian),
the body. Writes one byte for each: + or -.

Where the gateway and Python's json differ on purpose, the gateway's rule stands here: a member name that occurs twice
is refused (half a surrogate pair counts as U+FFFD in names), as are NaN and Infinity, more than MAX_DEPTH open
containers, and bytes that are not UTF-8.
"""
import json
import re
import struct
import sys

MAX_DEPTH = 16
SCHEMAS = {"key_schema", "key_schema_id", "value_schema", "value_schema_id"}
HALF_PAIR = re.compile("[\ud800-\udfff]")
EMPTY_KEYS = (None, "")


class Refused(Exception):
    pass


class Members(list):
    """The members of an object in their order."""


def members(pairs):
    names = {HALF_PAIR.sub("\ufffd", name) for name, _ in pairs}
    if len(names) != len(pairs):
        raise Refused
    return Members(pairs)


def constant(_):
    raise Refused


class Number(str):
    """A number as it was sent."""


def depth(value, above=0):
    if isinstance(value, Members):
        return max([above + 1, *(depth(inner, above + 1) for _, inner in value)])
    if isinstance(value, list):
        return max([above + 1, *(depth(inner, above + 1) for inner in value)])
    return above


def require(condition):
    if not condition:
        raise Refused


def check_produce(body):
    require(isinstance(body, Members))
    records = None
    for name, value in body:
        require(name == "records" or name in SCHEMAS)
        if name == "records":
            records = value
    require(isinstance(records, list) and not isinstance(records, Members) and records)
    for record in records:
        require(isinstance(record, Members))
        for name, value in record:
            require(name in ("key", "value", "partition"))
            if name == "partition" and value is not None:
                require(isinstance(value, Number) and re.fullmatch("-?[0-9]+", value) and 0 <= int(value) < 1 << 31)


def check_record(body):
    require(isinstance(body, Members))
    found = dict(body)
    require(found.get("Data" if "Data" in found else "data") is not None)
    keys = [name for name, _ in body if name in ("PartitionKey", "partition-key", "partitionKey")]
    require(keys)
    key = found["PartitionKey" if "PartitionKey" in keys else keys[0]]
    require(isinstance(key, (str, bool)) and key not in EMPTY_KEYS)
    require(len(key) <= 256 if isinstance(key, str) else True)


def accepts(form, body):
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=members, parse_constant=constant, parse_int=Number,
            parse_float=Number)
        require(depth(value) <= MAX_DEPTH)
        (check_produce if form == b"p" else check_record)(value)
        return True
    except (ValueError, RecursionError, Refused):
        return False


def main():
    source = sys.stdin.buffer
    verdicts = bytearray()
    while head := source.read(5):
        form, length = head[:1], struct.unpack("<I", head[1:])[0]
        verdicts += b"+" if accepts(form, source.read(length)) else b"-"
    sys.stdout.buffer.write(verdicts)


main()
