"""One way or more to break each rule: (rule, how, what it does to the template's resources)."""

MUTATIONS = []


def breaks(rule):
    """Registers a mutation; its name says how it breaks the rule."""

    def register(mutate):
        MUTATIONS.append((rule, mutate.__name__.replace("_", " "), mutate))
        return mutate

    return register


def properties(resources, name):
    return resources[name]["Properties"]


def source(resources, function, event):
    return properties(resources, function)["Events"][event]["Properties"]


def statements(resources, role):
    return properties(resources, role)["Policies"][0]["PolicyDocument"]["Statement"]


def statement(resources, role, sid):
    return next(s for s in statements(resources, role) if s["Sid"] == sid)


def without(resources, role, sid):
    statements(resources, role).remove(statement(resources, role, sid))


# ------------------------------------------------------------------------------------------------------- tables


@breaks("recoverable")
def no_point_in_time_recovery(resources):
    properties(resources, "Facts")["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = False


@breaks("protected")
def no_deletion_protection(resources):
    properties(resources, "People").pop("DeletionProtectionEnabled")


@breaks("retained")
def tables_go_with_the_stack(resources):
    resources["Facts"].pop("DeletionPolicy")


@breaks("retained")
def users_go_when_their_pool_is_replaced(resources):
    resources["Staff"]["UpdateReplacePolicy"] = "Delete"


@breaks("encrypted")
def a_table_without_a_key(resources):
    properties(resources, "People").pop("SSESpecification")


@breaks("encrypted")
def a_queue_in_plain_text(resources):
    properties(resources, "OutboundQueue").pop("SqsManagedSseEnabled")


# ------------------------------------------------------------------------------------------------------- queues


@breaks("dead-letters")
def no_dead_letter_queue(resources):
    properties(resources, "IngestQueue").pop("RedrivePolicy")


@breaks("dead-letters")
def a_message_handed_out_for_ever(resources):
    properties(resources, "IngestQueue")["RedrivePolicy"]["maxReceiveCount"] = 1000


@breaks("kept-long-enough")
def dead_letters_forgotten_after_four_days(resources):
    properties(resources, "WorkflowQueueDeadLetters").pop("MessageRetentionPeriod")


@breaks("visibility")
def a_message_shown_again_while_it_is_worked_on(resources):
    properties(resources, "OutboundQueue")["VisibilityTimeout"] = 359


@breaks("visibility")
def a_function_that_got_more_time(resources):
    properties(resources, "CustomerUpsert")["Timeout"] = 31


@breaks("paced")
def a_queue_without_a_limit(resources):
    source(resources, "ConnectorPush", "OutboundQueue").pop("ScalingConfig")


# ------------------------------------------------------------------------------------------------------ streams


@breaks("stream-limits")
def infinite_retries(resources):
    source(resources, "EventRelay", "FactsStream")["MaximumRetryAttempts"] = -1


@breaks("stream-limits")
def retries_left_to_the_default(resources):
    source(resources, "EventRelay", "PeopleStream").pop("MaximumRetryAttempts")


@breaks("stream-limits")
def records_of_any_age(resources):
    source(resources, "SegmentRecompute", "PeopleStream")["MaximumRecordAgeInSeconds"] = -1


@breaks("stream-bisects")
def a_batch_that_fails_whole(resources):
    source(resources, "SegmentRecompute", "PeopleStream").pop("BisectBatchOnFunctionError")


@breaks("partial-answers")
def partial_answers_of_a_queue_ignored(resources):
    source(resources, "CustomerUpsert", "IngestQueue").pop("FunctionResponseTypes")


@breaks("partial-answers")
def partial_answers_of_a_stream_ignored(resources):
    source(resources, "EventRelay", "FactsStream").pop("FunctionResponseTypes")


@breaks("failure-destination")
def a_stream_that_drops_what_it_gives_up(resources):
    source(resources, "EventRelay", "PeopleStream").pop("DestinationConfig")


@breaks("stream-filtered")
def recompute_woken_by_its_own_writes(resources):
    source(resources, "SegmentRecompute", "PeopleStream").pop("FilterCriteria")


@breaks("stream-readers")
def a_third_reader_of_one_stream(resources):
    properties(resources, "EventRelay")["Events"]["Again"] = properties(resources, "EventRelay")["Events"]["PeopleStream"]


# ------------------------------------------------------------------------------------------------------- clocks


@breaks("ticks-retried")
def a_schedule_without_a_retry_policy(resources):
    properties(resources, "SlaCheck")["Target"].pop("RetryPolicy")


@breaks("ticks-retried")
def an_event_retried_for_a_day(resources):
    properties(resources, "OrderCounted")["Targets"][0]["RetryPolicy"].pop("MaximumEventAgeInSeconds")


@breaks("ticks-kept")
def a_schedule_without_dead_letters(resources):
    properties(resources, "SegmentDue")["Target"].pop("DeadLetterConfig")


@breaks("ticks-kept")
def a_rule_without_dead_letters(resources):
    properties(resources, "OrderCounted")["Targets"][0].pop("DeadLetterConfig")


@breaks("rule-may-send")
def a_queue_that_refuses_the_rule(resources):
    policy = properties(resources, "BusMayQueue")["PolicyDocument"]
    policy["Statement"][0]["Resource"] = policy["Statement"][0]["Resource"][1:]


@breaks("async-failures")
def a_tick_lost_when_the_function_fails(resources):
    properties(resources, "SlaChecker")["EventInvokeConfig"].pop("DestinationConfig")


# ---------------------------------------------------------------------------------------------------- functions


@breaks("logs-end")
def logs_kept_for_ever(resources):
    properties(resources, "ApiLogs").pop("RetentionInDays")


@breaks("own-role")
def two_functions_with_one_role(resources):
    # Everything else about the two roles is made alike, so that only the sharing is wrong.
    properties(resources, "SlaChecker")["LoggingConfig"] = properties(resources, "Api")["LoggingConfig"]
    properties(resources, "SlaChecker")["Role"] = properties(resources, "Api")["Role"]


@breaks("no-secret-in-variables")
def a_secrets_value_in_a_variable(resources):
    variables = properties(resources, "IngestWebhook")["Environment"]["Variables"]
    variables["SHOPIFY"] = "{{resolve:secretsmanager:shopify}}"


@breaks("no-secret-in-variables")
def a_secret_by_another_name(resources):
    properties(resources, "IngestWebhook")["Environment"]["Variables"]["SHOPIFY_SECRET"] = "hush"


@breaks("no-reservation")
def concurrency_taken_from_the_account(resources):
    properties(resources, "Api")["ReservedConcurrentExecutions"] = 5


@breaks("timeout")
def a_function_without_a_timeout(resources):
    properties(resources, "Api").pop("Timeout")


# ------------------------------------------------------------------------------------------------------- grants


@breaks("exact-actions")
def every_action_on_a_table(resources):
    statement(resources, "ApiRole", "UseFacts")["Action"] = "dynamodb:*"


@breaks("exact-resources")
def an_action_on_everything(resources):
    statement(resources, "ApiRole", "UseFacts")["Resource"] = "*"


@breaks("exact-resources")
def an_action_on_every_index(resources):
    statement(resources, "ApiRole", "QueryFactsNodeIndex")["Resource"] = {"Fn::Sub": "${Facts.Arn}/index/*"}


@breaks("named-statements")
def a_statement_without_a_name(resources):
    statement(resources, "ApiRole", "UseFacts").pop("Sid")


@breaks("grants-by-hand")
def a_policy_template_of_sam(resources):
    properties(resources, "Api")["Policies"] = [{"DynamoDBCrudPolicy": {"TableName": {"Ref": "Facts"}}}]


@breaks("grants-by-hand")
def a_managed_policy(resources):
    properties(resources, "ApiRole")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]


@breaks("grants-match-sources")
def a_queue_that_may_not_be_read(resources):
    without(resources, "ConnectorPushRole", "ConsumeOutboundQueue")


@breaks("grants-match-sources")
def a_stream_that_may_be_read_for_nothing(resources):
    stream = {"Fn::GetAtt": ["Facts", "StreamArn"]}
    statement(resources, "SegmentRecomputeRole", "ReadPeopleStream")["Resource"] = [
        {"Fn::GetAtt": ["People", "StreamArn"]},
        stream,
    ]


@breaks("grants-match-logs")
def another_functions_logs(resources):
    statement(resources, "ApiRole", "WriteLogs")["Resource"] = {"Fn::GetAtt": ["EventRelayLogs", "Arn"]}


# -------------------------------------------------------------------------------------------------------- doors


@breaks("authorised")
def a_route_open_to_all(resources):
    properties(resources, "SettingsReplaceRoute").pop("AuthorizationType")


@breaks("throttled")
def webhooks_at_any_rate(resources):
    properties(resources, "HttpStage")["RouteSettings"]["POST /webhooks/{source}"].pop("ThrottlingRateLimit")


@breaks("access-log")
def addresses_in_the_access_log(resources):
    properties(resources, "HttpStage")["AccessLogSettings"]["Format"] += " $context.identity.sourceIp"


@breaks("access-log")
def no_access_log(resources):
    properties(resources, "HttpStage").pop("AccessLogSettings")


@breaks("invoked-by-this-api")
def any_api_may_call(resources):
    properties(resources, "ApiMayInvoke").pop("SourceArn")


# ------------------------------------------------------------------------------------------------------- alarms


@breaks("alarm-heard")
def an_alarm_nobody_hears(resources):
    properties(resources, "ApiErrors").pop("AlarmActions")


@breaks("alarm-dead-letters")
def parked_records_nobody_sees(resources):
    resources.pop("RelayParkedNotEmpty")


@breaks("alarm-dead-letters")
def an_alarm_that_waits_for_a_hundred(resources):
    properties(resources, "IngestQueueDeadLettersNotEmpty")["Threshold"] = 100


@breaks("alarm-queue-age")
def a_queue_that_grows_old(resources):
    resources.pop("IngestQueueAge")


@breaks("alarm-behind")
def a_stream_left_behind(resources):
    resources.pop("EventRelayIteratorAge")


@breaks("alarm-failing")
def errors_nobody_counts(resources):
    resources.pop("CustomerUpsertErrors")


@breaks("alarm-failing")
def throttles_nobody_counts(resources):
    resources.pop("ApiThrottles")


@breaks("alarm-server-errors")
def server_errors_nobody_counts(resources):
    resources.pop("HttpServerErrors")


# ------------------------------------------------------------------------------------------------------ reasons


@breaks("reasons")
def a_reason_that_outlived_its_cause(resources):
    resources["Facts"]["Metadata"] = {"Reasons": {"protected": "The table is only a cache and can be made again."}}


@breaks("reasons")
def a_reason_that_gives_none(resources):
    resources["AlarmTopic"]["Metadata"]["Reasons"]["encrypted"] = "because"
