"""Clients of Kinesis as boto3 makes them."""
import boto3
from botocore.config import Config

ACCOUNT = "000000000000"


def connect(server, region="us-east-1", key="none", secret="none", retries=2):
    return boto3.client(
        "kinesis", endpoint_url=f"http://{server.ingest}", region_name=region, aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"mode": "standard", "max_attempts": retries + 1}, read_timeout=30))
