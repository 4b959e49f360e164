"""After SIGKILL and after a stop the counts are those from before, and go on."""
import collections

import live_client as live

TOPIC = "12f4a3e5b9c5"


def answers(server):
    return [
        live.rows(server, "popular", "category", "poster_name", "posts", "followers", by="category"),
        live.rows(server, "countries", "country", "posts", "profiles"),
        live.rows(server, "trending", "category", "posts", "profiles"),
        live.rows(server, "rates", "table", "records"),
    ]


def test_a_killed_server_counts_the_same_as_before_again_and_again(server):
    pins, places = [], []
    for life in range(5):
        for index in range(life * 300, life * 300 + 300):
            pins.append(live.pin(index, f"poster {index % 17}", f"category {index % 5}", str(index)))
            # Every third place comes one life later than its pin.
            if index % 3:
                places.append(live.geo(index, f"country {index % 7}"))
            elif life:
                places.append(live.geo(index - 300, f"country {index % 7}"))
        server.post_all(f"{TOPIC}.pin", pins[life * 300:], 50)
        server.post_all(f"{TOPIC}.geo", places[getattr(server, "posted", 0):], 50)
        server.posted = len(places)
        if life % 2:
            # Whatever was counted when it dies.
            server.kill()
            server.start()
        live.wait_for_records(server, len(pins) + len(places))
        before = answers(server)
        by_poster = collections.Counter((pin["category"], pin["poster_name"]) for pin in pins)
        assert [row[:3] for row in before[0]] == [(*names, n) for names, n in live.ranked(by_poster)]
        by_country = live.count_posts(pins, places, "country")
        assert [row[:2] for row in before[1]] == [(*names, n) for names, n in live.ranked(by_country)]
        if life == 4:
            assert server.stop() == 0
        else:
            server.kill()
        server.start()
        live.wait_for_records(server, len(pins) + len(places))
        assert answers(server) == before
