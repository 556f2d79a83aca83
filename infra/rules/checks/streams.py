"""A record that cannot be handled neither blocks its shard for ever nor disappears."""

from collections import Counter

from template import target

# Twice the record's own life would be no limit at all: records expire after a day.
LONGEST_AGE_SECONDS = 24 * 3600
MOST_RETRIES = 100
READERS_PER_STREAM = 2


def _limits(template):
    for function, event, source in template.sources("DynamoDB"):
        retries = template.number(source.get("MaximumRetryAttempts"))
        if retries is None or not 0 <= retries <= MOST_RETRIES:
            yield function, f"retries {event} for ever"
        age = template.number(source.get("MaximumRecordAgeInSeconds"))
        if age is None or not 60 <= age <= LONGEST_AGE_SECONDS:
            yield function, f"keeps records of {event} however old they are"


def _bisects(template):
    for function, event, source in template.sources("DynamoDB"):
        if source.get("BisectBatchOnFunctionError") is not True:
            yield function, f"lets one bad record of {event} take its whole batch along"


def _partial_answers(template):
    for function, event, source in template.sources("SQS", "DynamoDB"):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield function, f"cannot say which items of {event} failed"


def _failure_destination(template):
    for function, event, source in template.sources("DynamoDB"):
        parked = target(source.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
        if template.kind(parked) != "AWS::SQS::Queue":
            yield function, f"drops what it gives up of {event}"


def _filtered(template):
    for function, event, source in template.sources("DynamoDB"):
        if not source.get("FilterCriteria", {}).get("Filters"):
            yield function, f"is woken by every change of {event}, its own included"


def _readers(template):
    readers = Counter(target(source.get("Stream")) for _, _, source in template.sources("DynamoDB"))
    for table, count in readers.items():
        if count > READERS_PER_STREAM:
            yield table, f"has {count} readers of its stream: more than two are throttled"


RULES = {
    "stream-limits": _limits,
    "stream-bisects": _bisects,
    "partial-answers": _partial_answers,
    "failure-destination": _failure_destination,
    "stream-filtered": _filtered,
    "stream-readers": _readers,
}
