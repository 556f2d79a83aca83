"""A tick or an event that its target does not take is tried again for a while, then kept."""

from template import listed, target


def _schedules(template):
    for name, schedule in template.of("AWS::Scheduler::Schedule"):
        yield name, schedule.get("Target", {})


def _bus_targets(template):
    for name, rule in template.of("AWS::Events::Rule"):
        for goal in rule.get("Targets", []):
            yield name, goal


def _retried(template):
    for name, goal in (*_schedules(template), *_bus_targets(template)):
        retry = goal.get("RetryPolicy", {})
        attempts = template.number(retry.get("MaximumRetryAttempts"))
        age = template.number(retry.get("MaximumEventAgeInSeconds"))
        # Left out, both mean 185 attempts over a day: a tick of yesterday helps nobody.
        if not attempts or age is None or age >= 24 * 3600:
            yield name, "has no retry policy of its own"


def _kept(template):
    for name, goal in (*_schedules(template), *_bus_targets(template)):
        letters = target(goal.get("DeadLetterConfig", {}).get("Arn"))
        if template.kind(letters) != "AWS::SQS::Queue":
            yield name, "loses what its target does not take"


def _allowed(template):
    """A rule reaches a queue only by the queue's own policy; without it events vanish silently."""
    granted = {
        (target(arn), target(resource))
        for _, policy in template.of("AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        for arn in listed(statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn"))
        for resource in listed(statement["Resource"])
        if target(resource) in {target(queue) for queue in policy["Queues"]}
    }
    for name, goal in _bus_targets(template):
        for queue in (goal.get("Arn"), goal.get("DeadLetterConfig", {}).get("Arn")):
            if template.kind(target(queue)) == "AWS::SQS::Queue" and (name, target(queue)) not in granted:
                yield name, f"may not send to {target(queue)}"


def _async_failures(template):
    """Scheduler's own dead letters hold only what Lambda refused to queue, not what the function then failed."""
    called = {target(goal.get("Arn")) for _, goal in _schedules(template)}
    for name, function in template.functions():
        if name not in called:
            continue
        config = function.get("EventInvokeConfig", {})
        kept = target(config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
        if template.kind(kept) != "AWS::SQS::Queue":
            yield name, "loses the ticks it fails on"
        if template.number(config.get("MaximumEventAgeInSeconds")) is None:
            yield name, "takes ticks however old they are"


RULES = {
    "ticks-retried": _retried,
    "ticks-kept": _kept,
    "rule-may-send": _allowed,
    "async-failures": _async_failures,
}
