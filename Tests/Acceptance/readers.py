"""Other programs that read Delta tables."""
import contextlib
import glob
import os
import pathlib
from unittest import mock

import duckdb
import duckdb_extension_delta


def duckdb_session():
    session = duckdb.connect()
    session.execute("SET TimeZone = 'UTC'")
    return session


def duckdb_with_delta():
    """DuckDB with its `delta` extension, from the package that the tests install."""
    session = duckdb_session()
    folder = pathlib.Path(duckdb_extension_delta.__file__).parent
    (path,) = glob.glob(f"{folder}/**/delta.duckdb_extension", recursive=True)
    session.execute(f"LOAD '{path}'")
    return session


@contextlib.contextmanager
def sail():
    """A session of PySpark with Sail behind it, which reads Delta tables by itself."""
    from pysail.spark import SparkConnectServer
    import pyspark.sql

    # A worker of pytest-xdist is no program that PySpark could find its own home from.
    home = {"SPARK_HOME": os.path.dirname(os.path.dirname(pyspark.sql.__file__))}
    server = SparkConnectServer(port=0)
    server.start(background=True)
    try:
        with mock.patch.dict(os.environ, home):
            spark = pyspark.sql.SparkSession.builder.remote(f"sc://localhost:{server.listening_address[1]}").getOrCreate()
            spark.conf.set("spark.sql.session.timeZone", "UTC")
            yield spark
            spark.stop()
    finally:
        server.stop()
