"""Certificates that all tests share, and how to post."""
import pytest

import gateway_parts
from certificates import Certificates


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def access_keys(tmp_path):
    path = tmp_path / "credentials.csv"
    path.write_text(gateway_parts.ACCESS_KEYS, encoding="utf-8-sig")
    return str(path)
