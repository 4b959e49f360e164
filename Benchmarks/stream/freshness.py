#!/usr/bin/env python3
"""How long after its acknowledgement a record counts in a live metric and is committed in its table, under a paced load.

    freshness.py PROGRAM [--rate 20000] [--seconds 30] [--warm 5] [--records 100] [--connections 4] [--json]

Starts `PROGRAM serve` on a folder of its own and posts rows of pins over HTTP (REST Proxy, `--records` a request), all of
them different, at `--rate` events a second. A row counts as committed when the commit that holds its offset appears in
`_delta_log`: the transaction of its partition is past the offset, and the file's time of change says when. It counts in
live metrics when an answer of `/live/rates`, asked for every 5 ms, says that as many rows are counted: all rows lie in one
partition and differ, so that the number of rows is the offset; the time is that at which the answer was read. Prints the
percentiles, the server's CPU and memory, and how far behind its plan the client was.
"""
import argparse, glob, http.client, json, math, multiprocessing, os, pathlib, shutil, signal, subprocess, sys, tempfile, time

ROW = (b'{"value":{"index":1%09d,"unique_id":"00000000-0000-4000-a000-%010d","title":"The secret to a calm kitchen",'
       b'"description":"Ten ideas for small kitchens that cost little and last long, with a list of what to buy first and what to '
       b'leave in the shop. Photographs by the author.","poster_name":"Poster %04d","follower_count":"%dk","tag_list":'
       b'"Kitchen Ideas,Small Spaces,Home Decor,Diy Home Crafts,Budget,Storage","is_image_or_video":"image","image_src":'
       b'"https://i.example.com/originals/57/57/36/575736.jpg","downloaded":1,"save_location":"Local save in /data/home-decor",'
       b'"category":"home-decor"}}')
TOPIC = "bench.pin"


def percentile(values, p):
    values = sorted(values)
    return round(values[max(0, math.ceil(len(values) * p) - 1)], 3) if values else None


def send(address, number, a, start, out):
    """Posts its share; leaves (end offset, time of acknowledgement) of each request."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    acknowledged, late = [], 0.0
    gap = a.records * a.connections / a.rate
    requests = int((a.warm + a.seconds) / gap)
    for k in range(requests):
        first = (k * a.connections + number) * a.records
        body = b'{"records":[' + b",".join(
            ROW % (i, i, i % 5000, i % 900) for i in range(first, first + a.records)) + b"]}"
        due = start + k * gap + gap * number / a.connections
        time.sleep(max(0.0, due - time.time()))
        late = max(late, time.time() - due)
        connection.request("POST", f"/topics/{TOPIC}", body, {"Content-Type": "application/vnd.kafka.json.v2+json"})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        acknowledged.append((json.loads(text)["offsets"][-1]["offset"] + 1, time.time()))
    with open(out, "w") as f:
        json.dump({"acknowledged": acknowledged, "late": late}, f)


def watch(address, stop, out):
    """Asks for a live metric again and again; leaves (rows counted, when the answer was read)."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    seen = [(0, 0.0)]
    while not stop.is_set():
        connection.request("GET", "/live/rates?window=1m")
        records = json.loads(connection.getresponse().read())["records"]
        if records > seen[-1][0]:
            seen.append((records, time.time()))
        time.sleep(0.005)
    with open(out, "w") as f:
        json.dump(seen[1:], f)


def lateness(acknowledged, reached, since):
    """For each acknowledgement after `since`, how long it took until `reached` (position, when) came to its position."""
    late, place = [], 0
    for position, at in acknowledged:
        while place < len(reached) and reached[place][0] < position:
            place += 1
        if at >= since:
            late.append(reached[place][1] - at if place < len(reached) else float("inf"))
    return {"n": len(late), "p50_s": percentile(late, 0.5), "p99_s": percentile(late, 0.99), "max_s": percentile(late, 1.0)}


def commits(table):
    """(position, when it was committed) of each commit, oldest first."""
    found = []
    for path in sorted(glob.glob(os.path.join(table, "_delta_log", "*.json"))):
        with open(path) as f:
            for line in f:
                action = json.loads(line)
                if "txn" in action:
                    found.append((action["txn"]["version"], os.stat(path).st_mtime))
    return found


def usage(pid):
    with open(f"/proc/{pid}/stat") as f:
        words = f.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status") as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"), peak // 1024


def machine_cpu():
    with open("/proc/stat") as f:
        user, nice, system = (int(w) for w in f.readline().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def serve(program, data, environment):
    log = open(os.path.join(os.path.dirname(data), "server.log"), "wb")
    process = subprocess.Popen(
        [program, "serve", "--data", data, "--ingest", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0"],
        env={**os.environ, **environment}, stdout=log, stderr=log)
    endpoints = pathlib.Path(data, "endpoints.json")
    for _ in range(600):
        if endpoints.exists():
            return process, json.loads(endpoints.read_text())
        assert process.poll() is None, "the server ended"
        time.sleep(0.05)
    raise SystemExit("the server does not start")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("program")
    ap.add_argument("--rate", type=int, default=20000)
    ap.add_argument("--seconds", type=int, default=30)
    ap.add_argument("--warm", type=int, default=5)
    ap.add_argument("--records", type=int, default=100)
    ap.add_argument("--connections", type=int, default=4)
    ap.add_argument("--keep", help="the folder to work in; it is left there")
    a = ap.parse_args()
    work = a.keep or tempfile.mkdtemp(prefix="freshness-")
    os.makedirs(work, exist_ok=True)
    data = os.path.join(work, "data")
    shutil.rmtree(data, ignore_errors=True)
    process, endpoints = serve(os.path.abspath(a.program), data, {})
    try:
        start = time.time() + 1
        outs = [os.path.join(work, f"sender-{n}.json") for n in range(a.connections)]
        senders = [multiprocessing.Process(target=send, args=(endpoints["ingest"], n, a, start, out))
                   for n, out in enumerate(outs)]
        stop, counted = multiprocessing.Event(), os.path.join(work, "counted.json")
        watcher = multiprocessing.Process(target=watch, args=(endpoints["web"], stop, counted))
        for process_of_ours in [*senders, watcher]:
            process_of_ours.start()
        time.sleep(max(0, start + a.warm - time.time()))
        cpu0, all0, t0 = usage(process.pid)[0], machine_cpu(), time.time()
        for sender in senders:
            sender.join()
        cpu1, all1, t1 = usage(process.pid)[0], machine_cpu(), time.time()
        sent = [json.load(open(out)) for out in outs]
        acknowledged = sorted(tuple(x) for s in sent for x in s["acknowledged"])
        table = os.path.join(data, "tables", "pin")
        deadline = time.time() + 60
        while time.time() < deadline and (not commits(table) or commits(table)[-1][0] < acknowledged[-1][0]):
            time.sleep(0.2)
        stop.set()
        watcher.join()
        when, since = commits(table), start + a.warm
        rows = a.rate * (t1 - t0)
        print(json.dumps({
            "test": "fresh", "rate": a.rate, "seconds": a.seconds,
            "live": lateness(acknowledged, json.load(open(counted)), since),
            "table": lateness(acknowledged, when, since), "commits": len(when),
            "cpu_cores": round((cpu1 - cpu0) / (t1 - t0), 2), "cpu_us_per_event": round((cpu1 - cpu0) / rows * 1e6, 1),
            "machine_cores": round((all1 - all0) / (t1 - t0), 2), "peak_rss_mib": usage(process.pid)[1],
            "client_late_s": round(max(s["late"] for s in sent), 3)}))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        if not a.keep:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
