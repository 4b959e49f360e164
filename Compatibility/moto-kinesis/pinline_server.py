"""Stands in for what moto's own server has beside Kinesis, so that its tests run against another one.

Moto's tests begin with nothing: before each, all streams are deleted. Two of them ask STS for the number of the
account, which is answered here.
"""
import os

import boto3
import pytest
from moto.core import models

ACCOUNT = "123456789012"
REGIONS = (
    "ap-southeast-1", "eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2")


class AccountNumber:
    """The one call of STS that the tests make."""

    def get_caller_identity(self):
        return {"Account": ACCOUNT}


real_enable = models.ServerModeMockAWS._enable_patching


def enable(self, reset=True):
    real_enable(self, reset)
    client = boto3.client
    boto3.client = lambda service, *args, **more: (
        AccountNumber() if service == "sts" else client(service, *args, **more))


models.ServerModeMockAWS._enable_patching = enable


@pytest.fixture(autouse=True)
def no_streams():
    for region in REGIONS:
        kinesis = boto3.client(
            "kinesis", region_name=region, endpoint_url=os.environ["TEST_SERVER_MODE_ENDPOINT"])
        while names := kinesis.list_streams()["StreamNames"]:
            for name in names:
                kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
