"""Starts as a Python function would: the client made, the first event asked for."""

import http.client
import os

import boto3

client = boto3.client("dynamodb")
runtime_api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
runtime_api.request("GET", "/2018-06-01/runtime/invocation/next")
runtime_api.getresponse()
