"""The client programs and a server that the tests of a module share."""
import pytest

import programs


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="session")
def client_programs(tmp_path_factory):
    return programs.ClientPrograms(tmp_path_factory.mktemp("clients"))
