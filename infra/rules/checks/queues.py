"""A message that cannot be handled is kept for a person, and no batch is handed out twice at once."""

from template import target

FOURTEEN_DAYS = 14 * 24 * 3600
MOST_ATTEMPTS = 20
VISIBILITY_PER_TIMEOUT = 6


def _dead_letters(template):
    for function, event, source in template.sources("SQS"):
        queue = target(source.get("Queue"))
        redrive = template.properties(queue).get("RedrivePolicy", {})
        letters = target(redrive.get("deadLetterTargetArn"))
        if template.kind(letters) != "AWS::SQS::Queue":
            yield queue, f"is worked on by {function} and has no dead-letter queue"
            continue
        attempts = template.number(redrive.get("maxReceiveCount"))
        if attempts is None or not 1 <= attempts <= MOST_ATTEMPTS:
            yield queue, f"hands a message out {attempts} times, not 1 to {MOST_ATTEMPTS}"


def _kept_long_enough(template):
    worked_on = {target(source.get("Queue")) for _, _, source in template.sources("SQS")}
    for name, queue in template.of("AWS::SQS::Queue"):
        seconds = template.number(queue.get("MessageRetentionPeriod"))
        if name not in worked_on and (seconds or 0) < FOURTEEN_DAYS:
            yield name, "waits for a person but forgets before fourteen days"


def _visibility(template):
    for function, _, source in template.sources("SQS"):
        queue = target(source.get("Queue"))
        visibility = template.number(template.properties(queue).get("VisibilityTimeout")) or 0
        timeout = template.number(template.properties(function).get("Timeout")) or 900
        if visibility < VISIBILITY_PER_TIMEOUT * timeout:
            yield queue, f"shows a message again after {visibility} s: {function} may run {timeout} s"


def _paced(template):
    for function, event, source in template.sources("SQS"):
        if template.number(source.get("ScalingConfig", {}).get("MaximumConcurrency")) is None:
            yield function, f"may take all of the account's concurrency for {event}"


RULES = {
    "dead-letters": _dead_letters,
    "kept-long-enough": _kept_long_enough,
    "visibility": _visibility,
    "paced": _paced,
}
