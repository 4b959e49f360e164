"""Stands in for a module of kafka-python's tests that its source distribution leaves out: a server that runs already."""


class ExternalService:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def open(self):
        pass

    def close(self):
        pass

    def dump_logs(self):
        pass


class SpawnedService:
    """Their Java broker; there is none here."""

    def __init__(self, *_, **__):
        raise NotImplementedError("the tests run against a server that is there already (KAFKA_URI)")
