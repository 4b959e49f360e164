"""Files that the wall clock closes: schedules, midnight, the days on which clocks change, and folders of its times."""
import json

import pytest

import connect_client
import harness
import shifted_clock
import sink_client
from sink_client import HOURLY, at

MINUTE, HOUR = 60_000, 3_600_000
WALL_CLOCK = {**HOURLY, "timestamp.extractor": "Wallclock"}


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    return shifted_clock.ShiftedClock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def clocked_sinks(shared_serve, clock):
    server = shared_serve(env=clock.environment())
    return sink_client.Sinks(server, connect_client.Connect(server.web))


@pytest.fixture
def sinks(clocked_sinks):
    yield clocked_sinks
    clocked_sinks.delete_all()


def schedule(interval, timezone="UTC", **more):
    return {"rotate.schedule.interval.ms": f"{interval}", "timezone": timezone, **more}


def names(sink):
    """Folder and offset of each object."""
    keys = [key.removeprefix(f"topics/{sink.topic}/") for key in sorted(sink.objects())]
    return [(folder, int(name[-15:-5])) for folder, name in (key.rsplit("/", 1) for key in keys)]


# ---- Schedules

# What is said, now, the zone, the interval, and when the files close.
SCHEDULES = [
    ("a multiple of the interval since midnight", "2024-05-01T10:00:10", "UTC", MINUTE, "2024-05-01T10:01:00"),
    ("not a multiple since the start", "2024-05-01T10:59:59", "UTC", HOUR, "2024-05-01T11:00:00"),
    ("multiples count from midnight in the zone", "2024-05-01T10:10:00", "Asia/Kolkata", 2 * HOUR, "2024-05-01T10:30:00"),
    ("never past the next midnight", "2024-05-01T22:00:00", "UTC", 7 * HOUR, "2024-05-02T00:00:00"),
    ("nor past that of the zone", "2024-05-01T22:00:00", "Europe/London", 7 * HOUR, "2024-05-01T23:00:00"),
    ("an interval above a day ends at midnight", "2024-05-01T00:00:01", "UTC", 50 * HOUR, "2024-05-02T00:00:00"),
    ("by offset", "2024-05-01T10:10:00", "+05:45", 24 * HOUR, "2024-05-01T18:15:00"),
    ("on a day of 23 hours the hours that have passed count", "2024-03-31T00:30:00", "Europe/London", 2 * HOUR,
     "2024-03-31T02:00:00"),
    ("and midnight comes an hour early", "2024-03-31T20:00:00", "Europe/London", 6 * HOUR, "2024-03-31T23:00:00"),
    ("on a day of 25 hours there is one multiple more", "2024-10-27T22:30:00", "Europe/London", 6 * HOUR,
     "2024-10-27T23:00:00"),
    ("before the last of them", "2024-10-27T23:10:00", "Europe/London", 6 * HOUR, "2024-10-28T00:00:00"),
    ("midnight that does not exist is the day's first moment", "2018-11-04T04:00:00", "America/Sao_Paulo", 2 * HOUR,
     "2018-11-04T05:00:00"),
]


@pytest.mark.parametrize("what, now, zone, interval, due", SCHEDULES, ids=[row[0] for row in SCHEDULES])
def test_a_schedule_closes_files_of_a_quiet_topic_on_time(sinks, clock, what, now, zone, interval, due):
    clock.set(at(now))
    sink = sinks.make(schedule(interval, zone))
    sink.produce("a")
    progress = sink.settle(read=1, stored=0)
    assert progress["next_flush"] == at(due)
    clock.set(at(due) - 5_000)
    sink.produce("b")
    sink.settle(read=2, stored=0)
    clock.set(at(due))
    sink.settle(read=2)
    assert sink.objects() == {sink.key("partition=0", 0): b'"a"\n"b"\n'}


def test_a_schedule_goes_on_after_midnight(sinks, clock):
    clock.set(at("2024-05-01T22:00:00"))
    sink = sinks.make(schedule(7 * HOUR, "Europe/London"))
    sink.produce("a")
    sink.settle(read=1, stored=0)
    clock.set(at("2024-05-01T23:00:00"))
    sink.settle(read=1)
    sink.produce("b")
    assert sink.settle(read=2, stored=1)["next_flush"] == at("2024-05-02T06:00:00")


def test_metrics_and_status_tell_the_lag_and_the_next_flush(sinks, clock):
    clock.set(at("2024-05-01T10:00:10"))
    sink = sinks.make(schedule(MINUTE))
    sink.produce("a", "b")
    sink.settle(read=2, stored=0)

    def metrics():
        text = sinks.connect.session.get(f"http://{sinks.server.web}/metrics", timeout=10).text
        lines = [line for line in text.splitlines() if f'connector="{sink.name}"' in line and "{" in line]
        return {line.split("{")[0].removeprefix("pinline_connect_"): float(line.split()[-1]) for line in lines}

    told = metrics()
    wanted = {"lag_records": 2, "open_files": 1, "open_records": 2, "next_flush_seconds": at("2024-05-01T10:01:00") / 1000}
    assert {name: told[name] for name in wanted} == wanted
    shown = json.loads(harness.succeed(
        "connect", "status", sink.name, "--url", f"http://{sinks.server.web}", "--format", "json"))
    assert [(row["lag"], row["open_records"]) for row in shown] == [(2, 2)]
    clock.set(at("2024-05-01T10:01:00"))
    sink.settle(read=2)
    told = metrics()
    assert (told["lag_records"], told["next_flush_seconds"], told["objects_total"]) == (0, 0, 1)


def test_a_schedule_that_passes_with_nothing_waiting_is_set_anew(sinks, clock):
    clock.set(at("2024-05-01T10:00:10"))
    sink = sinks.make(schedule(MINUTE))
    sink.produce("a")
    sink.settle(read=1, stored=0)
    clock.set(at("2024-05-01T10:01:00"))
    assert sink.settle(read=1)["next_flush"] is None
    clock.set(at("2024-05-01T10:05:30"))
    sink.produce("b")
    assert sink.settle(read=2, stored=1)["next_flush"] == at("2024-05-01T10:06:00")


def test_the_count_closes_files_before_the_schedule_which_stays(sinks, clock):
    clock.set(at("2024-05-01T10:00:10"))
    sink = sinks.make(schedule(HOUR), flush_size="2")
    sink.produce("a", "b", "c")
    assert sink.settle(read=3, stored=2)["next_flush"] == at("2024-05-01T11:00:00")
    clock.set(at("2024-05-01T11:00:00"))
    sink.settle(read=3)
    assert names(sink) == [("partition=0", 0), ("partition=0", 2)]


def test_a_record_that_comes_when_a_schedule_is_due_begins_a_file(sinks, clock):
    clock.set(at("2024-05-01T10:00:10"))
    sink = sinks.make(schedule(MINUTE), flush_size="2")
    sink.produce("a")
    sink.settle(read=1, stored=0)
    # Due without the task's having a moment to notice: it is told by the record.
    clock.set(at("2024-05-01T10:01:00"))
    sink.produce("b")
    sink.settle(read=2, stored=1)
    assert sink.objects() == {sink.key("partition=0", 0): b'"a"\n'}


def test_a_schedule_closes_all_files_of_record_times(sinks, clock):
    clock.set(at("2024-05-01T10:00:10"))
    sink = sinks.make({**HOURLY, **schedule(MINUTE)})
    sink.produce_at(1, HOUR, 2)
    sink.settle(read=3, stored=0)
    clock.set(at("2024-05-01T10:01:00"))
    day = "year=1970/month=01/day=01"
    sink.expect((f"{day}/hour=00", [0, 2]), (f"{day}/hour=01", [1]), read=3)


# ---- Intervals

def test_the_wall_clock_closes_files_of_a_quiet_topic_after_the_interval(sinks, clock):
    clock.set(at("2024-05-01T10:00:00"))
    sink = sinks.make(WALL_CLOCK, rotate_interval_ms=f"{MINUTE}")
    before = clock.now()
    sink.produce("a")
    due = sink.settle(read=1, stored=0)["next_flush"]
    assert before + MINUTE <= due <= clock.now() + MINUTE
    clock.set(due)
    sink.settle(read=1)
    assert names(sink) == [("year=2024/month=05/day=01/hour=10", 0)]


def test_record_times_close_no_files_of_a_quiet_topic(sinks, clock):
    clock.set(at("2024-05-01T10:00:00"))
    sink = sinks.make(HOURLY, rotate_interval_ms=f"{MINUTE}")
    sink.produce_at(1000)
    assert sink.settle(read=1, stored=0)["next_flush"] is None
    clock.set(at("2024-05-02T10:00:00"))
    # It goes on in the same file, a day later.
    sink.produce_at(1001)
    assert sink.settle(read=2, stored=0)["open_files"] == 1
    assert sink.objects() == {}


def test_midnight_of_the_wall_clock_changes_the_folder(sinks, clock):
    """Midnight in London, an hour before that of the machine."""
    daily = {**WALL_CLOCK, "partitioner.class": f"{sink_client.PARTITIONERS}.DailyPartitioner", "timezone": "Europe/London"}
    clock.set(at("2024-05-01T22:59:50"))
    rotating, both = sinks.make(daily, rotate_interval_ms=f"{24 * HOUR}"), sinks.make(daily, flush_size="2")
    for sink in (rotating, both):
        sink.produce("a")
        sink.settle(read=1, stored=0)
    clock.set(at("2024-05-01T23:00:00"))
    for sink in (rotating, both):
        sink.produce("b")
    rotating.settle(read=2, stored=1)
    assert names(rotating) == [("year=2024/month=05/day=01", 0)]
    both.settle(read=2)
    assert names(both) == [("year=2024/month=05/day=01", 0), ("year=2024/month=05/day=02", 1)]


# ---- Days on which clocks change

# What clocks show, hour by hour: the first moment, the zone and the hours' folders.
CHANGES = [
    ("2024-03-31T00:30:00", "Europe/London", ["day=31/hour=00", "day=31/hour=02", "day=31/hour=03"]),
    ("2024-10-27T00:30:00", "Europe/London", ["day=27/hour=01", "day=27/hour=01", "day=27/hour=02"]),
    ("2024-03-10T06:30:00", "America/New_York", ["day=10/hour=01", "day=10/hour=03"]),
    ("2024-11-03T04:30:00", "America/New_York", ["day=03/hour=00", "day=03/hour=01", "day=03/hour=01", "day=03/hour=02"]),
]


@pytest.mark.parametrize("start, zone, folders", CHANGES, ids=[f"{row[1]} {row[0][:10]}" for row in CHANGES])
def test_hours_of_the_wall_clock_are_those_that_clocks_show(sinks, clock, start, zone, folders):
    clock.set(at(start))
    sink = sinks.make(WALL_CLOCK, timezone=zone, rotate_interval_ms=f"{10 * HOUR}")
    for number, _ in enumerate(folders):
        clock.set(at(start) + number * HOUR)
        sink.produce("x")
        harness.eventually(lambda: sink.progress().get(0, {}).get("position") == number + 1, sink.progress)
    # Each change of folder has committed; an hour that comes twice is one folder.
    sink.call("POST", "/flush")
    found = [folder.split("/", 2)[2] for folder, _ in names(sink)]
    assert found == sorted(set(folders))
