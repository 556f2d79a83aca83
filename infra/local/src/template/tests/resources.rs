//! Each kind of resource, as the local system understands it.

use serde_json::json;

use super::super::{From, Key, Redrive, Unanswered};
use super::wiring;

const SHOP: &str = r#"
Globals:
  Function:
    Timeout: 20
    Environment: { Variables: { LOG_LEVEL: info, WHO: everyone } }
Resources:
  Facts:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: due, AttributeType: N }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: due-index
          KeySchema:
            - { AttributeName: pk, KeyType: HASH }
            - { AttributeName: due, KeyType: RANGE }
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [kind] }
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 120
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4 }
  Dead: { Type: AWS::SQS::Queue }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: Bus } }
  Counted:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { source: [crm], detail: { fresh: [true] } }
      Targets:
        - Id: work
          Arn: !GetAtt Work.Arn
          RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 600 }
          DeadLetterConfig: { Arn: !GetAtt Dead.Arn }
  Upsert:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/customer-upsert/
      Environment: { Variables: { WHO: me, TABLE: !Ref Facts } }
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dead.Arn } }
      Events:
        Orders:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 8 }
        Nightly:
          Type: ScheduleV2
          Properties:
            Name: nightly
            ScheduleExpression: cron(0 2 * * ? *)
            ScheduleExpressionTimezone: Europe/Berlin
            Input: '{"kind":"nightly","time":"<aws.scheduler.scheduled-time>"}'
            RetryPolicy: { MaximumRetryAttempts: 2 }
  Relay:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Upsert
      EventSourceArn: !GetAtt Facts.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 50
      BisectBatchOnFunctionError: true
      MaximumRetryAttempts: 6
      MaximumRecordAgeInSeconds: 3600
      DestinationConfig: { OnFailure: { Destination: !GetAtt Dead.Arn } }
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }
  Minutely:
    Type: AWS::Scheduler::Schedule
    Properties:
      FlexibleTimeWindow: { Mode: "OFF" }
      ScheduleExpression: rate(1 minute)
      Target: { Arn: !GetAtt Work.Arn, RoleArn: !GetAtt UpsertRole.Arn, Input: '{}' }
  Door:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Web
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Upsert.Arn}/invocations
      PayloadFormatVersion: "2.0"
  Hooks:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Web, RouteKey: 'POST /webhooks/{source}', Target: !Sub 'integrations/${Door}' }
  People:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Web
      RouteKey: GET /v1/customers
      AuthorizationType: JWT
      AuthorizerId: !Ref Login
      Target: !Join ['/', [integrations, !Ref Door]]
  Web: { Type: AWS::ApiGatewayV2::Api }
  Login: { Type: AWS::ApiGatewayV2::Authorizer }
"#;

#[test]
fn a_table_has_its_keys_indexes_stream_and_expiry() {
    let shop = wiring(SHOP);
    let [facts] = shop.tables.as_slice() else {
        panic!("one table: {:?}", shop.tables);
    };
    assert_eq!(
        facts.key,
        Key {
            hash: "pk".into(),
            range: None
        }
    );
    assert_eq!(facts.attributes["due"], "N");
    assert_eq!(facts.indexes[0].key.range.as_deref(), Some("due"));
    assert_eq!(facts.indexes[0].projection, "INCLUDE");
    assert_eq!(facts.indexes[0].included, ["kind"]);
    assert_eq!(facts.stream.as_deref(), Some("NEW_AND_OLD_IMAGES"));
    assert_eq!(facts.ttl.as_deref(), Some("expires_at"));
}

#[test]
fn a_queue_has_what_is_given_and_the_defaults_of_sqs() {
    let shop = wiring(SHOP);
    let work = shop.queue("Work").unwrap();
    assert_eq!(work.visibility_seconds, 120);
    let redrive = Redrive {
        dead_letters: "Dead".into(),
        max_receive_count: 4,
    };
    assert_eq!(work.redrive, Some(redrive));
    let dead = shop.queue("Dead").unwrap();
    assert_eq!(
        (dead.visibility_seconds, dead.retention_seconds),
        (30, 345_600)
    );
}

#[test]
fn a_function_has_its_package_and_its_variables_on_top_of_the_globals() {
    let shop = wiring(SHOP);
    let upsert = &shop.functions["Upsert"];
    assert_eq!(upsert.package, "customer-upsert");
    assert_eq!(upsert.timeout_seconds, 20);
    let variables = json!(upsert.variables);
    assert_eq!(
        variables,
        json!({"LOG_LEVEL": "info", "WHO": "me", "TABLE": "Facts"})
    );
    let expected = Unanswered {
        retries: 1,
        dead_letters: Some("Dead".into()),
    };
    assert_eq!(upsert.unanswered, expected);
}

#[test]
fn a_queue_event_and_a_stream_mapping_are_both_sources() {
    let shop = wiring(SHOP);
    let [queue, stream] = shop.sources.as_slice() else {
        panic!("two sources: {:?}", shop.sources);
    };
    assert_eq!((queue.id.as_str(), queue.batch_size), ("UpsertOrders", 5));
    assert!(queue.partial_answers);
    let from = From::Queue {
        queue: "Work".into(),
        maximum_concurrency: Some(8),
    };
    assert_eq!(queue.from, from);

    assert_eq!(
        (stream.function.as_str(), stream.batch_size),
        ("Upsert", 50)
    );
    assert_eq!(stream.filters, [json!({"eventName": ["INSERT"]})]);
    let from = From::Stream {
        table: "Facts".into(),
        from_the_beginning: true,
        bisect: true,
        max_retries: Some(6),
        max_age_seconds: Some(3600),
        on_failure: Some("Dead".into()),
    };
    assert_eq!(stream.from, from);
}

#[test]
fn rules_and_schedules_have_targets_with_retries_and_dead_letters() {
    let shop = wiring(SHOP);
    let rule = &shop.rules[0];
    assert_eq!((rule.name.as_str(), rule.bus.as_str()), ("Counted", "Bus"));
    assert_eq!(rule.pattern["detail"]["fresh"], json!([true]));
    assert_eq!(rule.targets[0].max_retries, 3);
    assert_eq!(rule.targets[0].dead_letters.as_deref(), Some("Dead"));

    let nightly = shop
        .schedules
        .iter()
        .find(|schedule| schedule.name == "nightly");
    let nightly = nightly.unwrap();
    assert_eq!(nightly.zone, "Europe/Berlin");
    assert_eq!(nightly.target.arn, shop.functions["Upsert"].arn());
    let minutely = shop
        .schedules
        .iter()
        .find(|schedule| schedule.name == "Minutely");
    assert_eq!(minutely.unwrap().expression, "rate(1 minute)");
}

#[test]
fn routes_lead_through_their_integration_to_a_function() {
    let shop = wiring(SHOP);
    let keys: Vec<_> = shop
        .routes
        .iter()
        .map(|route| (route.key(), route.needs_token))
        .collect();
    let expected = [
        ("POST /webhooks/{source}".to_owned(), false),
        ("GET /v1/customers".to_owned(), true),
    ];
    assert_eq!(keys, expected);
    assert!(shop.routes.iter().all(|route| route.function == "Upsert"));
}
