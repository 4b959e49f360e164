"""What the Python client programs share: records as lines of JSON, and the command line."""
import json
import sys

DEADLINE = 60


def encode(text):
    return None if text is None else text.encode()


def decode(data):
    return None if data is None else data.decode()


def say(value):
    print(json.dumps(value), flush=True)


def show(partition, offset, timestamp, key, value, headers):
    say({"partition": partition, "offset": offset, "timestamp": timestamp, "key": decode(key), "value": decode(value),
         "headers": [[name, decode(content)] for name, content in headers or []]})


def wanted():
    """The records of standard input."""
    for line in sys.stdin:
        record = json.loads(line)
        yield {"partition": record["partition"], "timestamp": record["timestamp"], "key": encode(record["key"]),
               "value": encode(record["value"]),
               "headers": [(name, encode(content)) for name, content in record["headers"]]}


def main(commands):
    """Runs `commands[name](broker, *arguments)`."""
    name, broker, *arguments = sys.argv[1:]
    commands[name](broker, *arguments)
