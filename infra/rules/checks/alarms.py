"""Whatever waits, lags or fails is told to somebody."""

from template import target


def _alarms(template, metric):
    """Resources that have an alarm of this metric."""
    return {
        target(dimension["Value"])
        for _, alarm in template.of("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == metric
        for dimension in alarm.get("Dimensions", [])
    }


def _heard(template):
    for name, alarm in template.of("AWS::CloudWatch::Alarm"):
        if "AWS::SNS::Topic" not in {template.kind(target(action)) for action in alarm.get("AlarmActions", [])}:
            yield name, "is told to nobody"


def _waiting(template):
    watched = {
        target(alarm["Dimensions"][0]["Value"])
        for _, alarm in template.of("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible" and alarm.get("Threshold") == 0
    }
    worked_on = {target(source.get("Queue")) for _, _, source in template.sources("SQS")}
    for name, _ in template.of("AWS::SQS::Queue"):
        if name not in worked_on | watched:
            yield name, "waits for a person whom no alarm calls"


def _queue_age(template):
    for _, _, source in template.sources("SQS"):
        if target(source.get("Queue")) not in _alarms(template, "ApproximateAgeOfOldestMessage"):
            yield target(source.get("Queue")), "may grow old unnoticed"


def _behind(template):
    for function, event, _ in template.sources("DynamoDB"):
        if function not in _alarms(template, "IteratorAge"):
            yield function, f"may fall behind {event} unnoticed"


def _failing(template):
    for name, _ in template.functions():
        for metric in ("Errors", "Throttles"):
            if name not in _alarms(template, metric):
                yield name, f"has no alarm on {metric}"


def _server_errors(template):
    for name, _ in template.of("AWS::ApiGatewayV2::Api"):
        if name not in _alarms(template, "5xx"):
            yield name, "may answer 5xx unnoticed"


RULES = {
    "alarm-heard": _heard,
    "alarm-dead-letters": _waiting,
    "alarm-queue-age": _queue_age,
    "alarm-behind": _behind,
    "alarm-failing": _failing,
    "alarm-server-errors": _server_errors,
}
