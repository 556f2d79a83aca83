//! The loop around a handler, run as Lambda runs it: a process of its own that
//! polls a Runtime API, here one on the loopback.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use crm_lambda::{Failure, Unit};
use serde_json::{Value, json};

#[derive(Debug, thiserror::Error)]
#[error("cannot record the order")]
struct Refused(#[source] std::io::Error);

/// What the event asks the function to do.
#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wish {
    Answer(u32),
    Fail,
    Panic,
}

/// Not a test of its own: the function that the tests below start as a process.
#[test]
#[ignore = "runs only with the environment that Lambda gives"]
fn the_function() {
    let (_sdk, _variables) = crm_lambda::start().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let served = crm_lambda::serve("wishes", async |_now, metrics, wish: Wish| {
        metrics.add("wishes_heard", Unit::Count, 1.0);
        match wish {
            Wish::Answer(number) => Ok(json!({"answer": number})),
            Wish::Fail => Err(Failure::from(Refused(std::io::Error::other("timed out")))),
            Wish::Panic => panic!("a bug"),
        }
    });
    // The Runtime API hangs up when it has no more events.
    runtime.block_on(served).ok();
}

/// One request of the function to the Runtime API: its path and its body.
fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut line = String::new();
    if stream.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}

/// Answers each `next` with the next event, and returns what the function
/// reported for each: the kind of report and its body. Hangs up after the last.
fn answer(listener: &TcpListener, events: &[Value]) -> Vec<(String, Value)> {
    let mut events = events.iter();
    let mut reports = Vec::new();
    loop {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        while let Some((path, body)) = request(&mut stream) {
            let (status, answer) = if path.ends_with("/next") {
                let Some(event) = events.next() else {
                    return reports;
                };
                ("200 OK", event.to_string())
            } else {
                let kind = path.rsplit('/').next().unwrap().to_owned();
                reports.push((kind, serde_json::from_str(&body).unwrap()));
                ("202 Accepted", String::new())
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nLambda-Runtime-Aws-Request-Id: r-1\r\n\
                 Lambda-Runtime-Deadline-Ms: 4102444800000\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            let stream = stream.get_mut();
            stream.write_all((head + &answer).as_bytes()).unwrap();
        }
    }
}

/// Runs the function over the events: what it reported, and its JSON log lines.
fn run(events: &[Value]) -> (Vec<(String, Value)>, Vec<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let function = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "the_function", "--nocapture"])
        .env_clear()
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            listener.local_addr().unwrap().to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", "wishes")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAADA")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let reports = answer(&listener, events);
    drop(listener);
    let output = function.wait_with_output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    (reports, lines.collect())
}

#[test]
fn an_answer_is_given_and_counted() {
    let (reports, log) = run(&[json!({"answer": 42})]);
    assert_eq!(reports, [("response".to_owned(), json!({"answer": 42}))]);
    let metrics: Vec<_> = log
        .iter()
        .filter(|line| line.get("_aws").is_some())
        .collect();
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0]["wishes_heard"], 1.0);
    assert_eq!(metrics[0]["function"], "wishes");
}

#[test]
fn an_error_is_reported_and_logged_once_with_its_causes_and_still_counted() {
    let (reports, log) = run(&[json!("fail")]);
    let [(kind, report)] = reports.as_slice() else {
        panic!("one report, not {reports:?}");
    };
    let chain = "cannot record the order: timed out";
    assert_eq!(kind, "error");
    assert_eq!(report["errorMessage"], chain);
    assert!(report["errorType"].as_str().unwrap().ends_with("::Refused"));
    let told: Vec<_> = log
        .iter()
        .filter(|line| line.to_string().contains(chain))
        .collect();
    assert_eq!(told.len(), 1, "{log:?}");
    assert_eq!(told[0]["level"], "ERROR");
    assert_eq!(told[0]["span"]["requestId"], "r-1");
    assert!(log.iter().any(|line| line["wishes_heard"] == 1.0));
}

#[test]
fn a_panic_is_reported_and_the_next_invocation_lives_on() {
    let (reports, _) = run(&[
        json!("panic"),
        json!({"answer": 1}),
        json!("fail"),
        json!({"answer": 2}),
    ]);
    let kinds: Vec<_> = reports.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["error", "response", "error", "response"]);
    assert!(
        reports[0].1["errorMessage"]
            .as_str()
            .unwrap()
            .contains("a bug")
    );
    assert_eq!(reports[3].1, json!({"answer": 2}));
}

#[test]
fn an_event_of_another_kind_is_an_error_that_quotes_nothing_of_it() {
    let (reports, log) = run(&[json!({"email": "ada@example.com"}), json!({"answer": 1})]);
    assert_eq!(reports[0].0, "error");
    assert!(
        reports[0].1["errorType"]
            .as_str()
            .unwrap()
            .ends_with("UnreadableEvent")
    );
    assert_eq!(reports[1].1, json!({"answer": 1}));
    let told = format!("{reports:?} {log:?}");
    assert!(!told.contains("ada@example.com") && !told.contains("email"));
}
