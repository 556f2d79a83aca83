"""The deployed stack: its outputs, its clients, its doors."""

import http.client
import json
import subprocess
import urllib.request

import boto3
from botocore.config import Config

from emulator import REGION, ROOT, ROOT_KEYS

NAME = "crm-check"
MAIL_FROM = "shop@example.com"
PARAMETERS = {
    "Architecture": "x86_64",
    "DeletionProtection": "false",
    "LogRetentionDays": "1",
    "MailFrom": MAIL_FROM,
    "StoreName": "Check store",
}
SAM = ROOT / ".tools" / "deploy" / "bin" / "sam"


class Stack:
    """What was deployed, and the ways in."""

    def __init__(self, emulator):
        self.emulator = emulator
        described = self.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    @classmethod
    def deploy(cls, emulator):
        """Deploys as an operator would, with `sam deploy`, and mends what the emulator cannot do."""
        answer = subprocess.run(
            [SAM, "deploy", "--config-env", "dev", "--stack-name", NAME, "--s3-prefix", NAME,
             "--parameter-overrides", *(f"{key}='{value}'" for key, value in PARAMETERS.items())],
            cwd=ROOT, env={**emulator.environment(), "SAM_CLI_TELEMETRY": "0"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        if answer.returncode != 0:
            raise RuntimeError(f"sam deploy failed:\n{answer.stdout}")
        stack = cls(emulator)
        stack._mend_concurrency()
        stack._mend_mail_grant()
        stack.client("sesv2").create_email_identity(EmailIdentity=MAIL_FROM)
        return stack

    def client(self, service):
        """A client of the emulated service, with every right."""
        return boto3.client(
            service, endpoint_url=self.emulator.url, region_name=REGION, config=Config(retries={"max_attempts": 1}),
            aws_access_key_id=ROOT_KEYS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=ROOT_KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def call(self, method, path, headers=None, body=None):
        """Status and body of one request through the front door, addressed as on AWS: by the API's own host."""
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=40)
        host = f"{self.outputs['HttpApiId']}.execute-api.127.0.0.1:{self.emulator.port}"
        try:
            connection.request(method, path, body=body, headers={"Host": host, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def mails(self):
        """Every mail that was sent."""
        with urllib.request.urlopen(f"{self.emulator.url}/_ministack/ses/messages", timeout=10) as answer:
            return [mail for mails in json.load(answer)["messages"].values() for mail in mails]

    def roles(self):
        """Logical name to physical name of every role of the stack."""
        resources = self.client("cloudformation").describe_stack_resources(StackName=NAME)["StackResources"]
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"] == "AWS::IAM::Role"
        }

    def _mend_concurrency(self):
        """The emulator keeps a number that came through a parameter as text, and its poller then stops."""
        client = self.client("lambda")
        for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
            limit = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
            if limit is not None:
                client.update_event_source_mapping(
                    UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(limit)}
                )

    def _mend_mail_grant(self):
        """The emulator asks for ses:SendEmail on everything and knows no sender; AWS asks for the identity."""
        client = self.client("iam")
        role = self.roles()["ConnectorPushRole"]
        for name in client.list_role_policies(RoleName=role)["PolicyNames"]:
            document = client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                if statement["Sid"] == "SendMail":
                    statement["Resource"] = "*"
                    statement.pop("Condition")
            client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
