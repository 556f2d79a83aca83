"""What is kept survives mistakes, and is encrypted."""


def _recoverable(template):
    for name, table in template.of("AWS::DynamoDB::Table"):
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield name, "cannot be restored to a point in time"


def _protected(template):
    for name, table in template.of("AWS::DynamoDB::Table"):
        if str(template.value(table.get("DeletionProtectionEnabled"))).lower() != "true":
            yield name, "can be deleted by default"


def _retained(template):
    for name, resource in template.resources.items():
        if resource["Type"] not in ("AWS::DynamoDB::Table", "AWS::Cognito::UserPool"):
            continue
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy) != "Retain":
                yield name, f"goes with the stack: {policy} is not Retain"


def _encrypted(template):
    for name, table in template.of("AWS::DynamoDB::Table"):
        if table.get("SSESpecification", {}).get("SSEEnabled") is not True:
            yield name, "is not encrypted by a KMS key"
    for name, queue in template.of("AWS::SQS::Queue"):
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield name, "is not encrypted"
    for name, topic in template.of("AWS::SNS::Topic"):
        if "KmsMasterKeyId" not in topic:
            yield name, "is not encrypted"


RULES = {
    "recoverable": _recoverable,
    "protected": _protected,
    "retained": _retained,
    "encrypted": _encrypted,
}
