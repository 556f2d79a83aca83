//! A real call through the lean HTTP client, to an endpoint of one's own.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_lambda::Variables;

/// Answers one plain request with `answer` and returns its headers.
fn answering_once(listener: TcpListener, answer: &'static str) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let (mut headers, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            headers.push_str(&line.to_lowercase());
        }
        stream.read_exact(&mut vec![0; length]).unwrap();
        let stream = stream.get_mut();
        let length = answer.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{answer}"
        )
        .unwrap();
        headers
    })
}

#[tokio::test]
async fn a_plain_endpoint_of_ones_own_is_called_signed_with_the_credentials_of_the_environment() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = answering_once(listener, r#"{"Item": {"pk": {"S": "ada"}}}"#);
    let variables: Variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAADA"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "adas-session"),
        ("AWS_ENDPOINT_URL", &url),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect();

    let client = aws_sdk_dynamodb::Client::new(&crm_lambda::sdk_config(&variables).unwrap());
    let request = client.get_item().table_name("people");
    let key = AttributeValue::S("ada".to_owned());
    let output = request.key("pk", key).send().await.unwrap();

    assert!(output.item().is_some());
    let headers = server.join().unwrap();
    assert!(headers.contains("credential=akiaada/"));
    assert!(headers.contains("/eu-central-1/dynamodb/aws4_request"));
    assert!(headers.contains("x-amz-security-token: adas-session"));
}
