use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, ScheduleState, Target,
};
use jiff::SignedDuration;

use super::{code, services, start_of_story, wait};
use crate::services::scheduler::Schedule;
use crate::services::{Destination, Services};

const INPUT: &str = r#"{"kind":"due","time":"<aws.scheduler.scheduled-time>"}"#;

fn function() -> Destination {
    Destination::Function("SegmentRecompute".to_owned())
}

fn window() -> FlexibleTimeWindow {
    let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off);
    window.build().unwrap()
}

fn target() -> Target {
    let target = Target::builder()
        .arn(function().arn())
        .role_arn("arn:aws:iam::0:role/r");
    target.input(INPUT).build().unwrap()
}

fn due(services: &Services) -> Vec<(String, String)> {
    let due = services.scheduler().due(services.clock().now());
    due.into_iter()
        .map(|firing| (firing.name, firing.at.to_string()))
        .collect()
}

#[tokio::test]
async fn a_client_makes_reads_changes_lists_and_deletes_a_schedule() {
    let services = services();
    let client = Client::new(&services.sdk_config());
    let create = client
        .create_schedule()
        .name("wait-1")
        .schedule_expression("at(2026-03-05T10:00:00)");
    let create = create
        .schedule_expression_timezone("Europe/Berlin")
        .flexible_time_window(window())
        .target(target());
    create.clone().send().await.unwrap();
    let error = create.send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_conflict_exception());

    let got = client.get_schedule().name("wait-1").send().await.unwrap();
    assert_eq!(got.schedule_expression(), Some("at(2026-03-05T10:00:00)"));
    assert_eq!(got.schedule_expression_timezone(), Some("Europe/Berlin"));
    assert_eq!(got.target().and_then(Target::input), Some(INPUT));
    assert_eq!(
        got.creation_date().unwrap().secs(),
        start_of_story().as_second()
    );

    let update = client
        .update_schedule()
        .name("wait-1")
        .schedule_expression("rate(5 minutes)");
    let update = update
        .state(ScheduleState::Disabled)
        .flexible_time_window(window());
    update.target(target()).send().await.unwrap();
    let list = client
        .list_schedules()
        .name_prefix("wait")
        .send()
        .await
        .unwrap();
    assert_eq!(list.schedules()[0].state(), Some(&ScheduleState::Disabled));
    wait(&services, 3600);
    assert_eq!(due(&services), []);

    client
        .delete_schedule()
        .name("wait-1")
        .send()
        .await
        .unwrap();
    let error = client
        .get_schedule()
        .name("wait-1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_schedule_aws_would_refuse_is_refused() {
    let services = services();
    let client = Client::new(&services.sdk_config());
    for (expression, zone) in [("rate(0 days)", "UTC"), ("rate(1 day)", "Mars/Olympus")] {
        let create = client
            .create_schedule()
            .name("odd")
            .schedule_expression(expression);
        let create = create.schedule_expression_timezone(zone);
        let create = create.flexible_time_window(window()).target(target());
        assert_eq!(
            code(&create.send().await.unwrap_err()),
            "ValidationException"
        );
    }
}

#[test]
fn missed_firings_come_in_the_order_of_their_times_and_each_once() {
    let services = services();
    let scheduler = services.scheduler();
    for (name, expression) in [
        ("hourly", "rate(1 hour)"),
        ("nightly", "cron(30 2 * * ? *)"),
    ] {
        scheduler
            .declare(Schedule::new(name, expression, function(), INPUT))
            .unwrap();
    }
    wait(&services, 18 * 3600);

    let all = due(&services);
    assert_eq!(all.len(), 20);
    assert_eq!(
        all[0],
        ("hourly".to_owned(), "2026-03-02T09:00:00Z".to_owned())
    );
    assert_eq!(
        all[18],
        ("nightly".to_owned(), "2026-03-03T02:30:00Z".to_owned())
    );

    for firing in scheduler.due(services.clock().now()) {
        assert!(
            firing
                .input
                .contains(&format!("\"time\":\"{}\"", firing.at))
        );
        scheduler.mark_fired(&firing).unwrap();
    }
    assert_eq!(due(&services), []);
    assert_eq!(
        scheduler.next_due().unwrap().to_string(),
        "2026-03-03T04:00:00Z"
    );
}

#[tokio::test]
async fn a_one_time_schedule_that_says_so_is_gone_once_handed_over() {
    let services = services();
    let client = Client::new(&services.sdk_config());
    let create = client
        .create_schedule()
        .name("once")
        .schedule_expression("at(2026-03-02T10:00:00)");
    let create = create.action_after_completion(ActionAfterCompletion::Delete);
    create
        .flexible_time_window(window())
        .target(target())
        .send()
        .await
        .unwrap();
    wait(&services, 3600);

    let firing = services.scheduler().due(services.clock().now()).remove(0);
    services.scheduler().hand_over(&firing).unwrap();

    let error = client.get_schedule().name("once").send().await.unwrap_err();
    assert_eq!(code(&error), "ResourceNotFoundException");
    let taken = services.deliveries().take(services.clock().now()).unwrap();
    assert_eq!(taken[0].destination, function());
    assert_eq!(
        taken[0].payload,
        r#"{"kind":"due","time":"2026-03-02T10:00:00Z"}"#
    );
}

#[test]
fn a_schedule_fires_within_its_dates_alone() {
    let services = services();
    let mut daily = Schedule::new("daily", "cron(0 12 * * ? *)", function(), INPUT);
    daily.start = Some(start_of_story() + SignedDuration::from_hours(24));
    daily.end = Some("2026-03-04T12:00:00Z".parse().unwrap());
    services.scheduler().declare(daily).unwrap();
    wait(&services, 30 * 86_400);
    let times: Vec<_> = due(&services).into_iter().map(|(_, at)| at).collect();
    assert_eq!(times, ["2026-03-03T12:00:00Z", "2026-03-04T12:00:00Z"]);
}

#[test]
fn a_template_that_says_the_same_again_changes_nothing_and_a_changed_one_starts_anew() {
    let services = services();
    let scheduler = services.scheduler();
    let hourly = Schedule::new("tick", "rate(1 hour)", function(), INPUT);
    scheduler.declare(hourly.clone()).unwrap();
    scheduler
        .mark_fired(&scheduler.due(services.clock().now())[0])
        .unwrap();
    wait(&services, 1800);
    scheduler.declare(hourly).unwrap();
    assert_eq!(due(&services), []);

    scheduler
        .declare(Schedule::new("tick", "rate(2 hours)", function(), INPUT))
        .unwrap();
    assert_eq!(
        due(&services),
        [("tick".to_owned(), "2026-03-02T09:30:00Z".to_owned())]
    );
}
