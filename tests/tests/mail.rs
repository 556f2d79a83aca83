//! What is known when the mail service cannot be reached over a real wire.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};

use crm_connectors::mail::{Mail, Mailer, Outcome};
use crm_domain::identity::Email;
use crm_lambda::{Variables, sdk_config};

fn letter() -> Mail {
    Mail {
        to: Email::parse("ada@example.com").unwrap(),
        from: "crm@example.com".to_owned(),
        subject: "Welcome".to_owned(),
        text: "Hello Ada,".to_owned(),
        html: "<p>Hello Ada,</p>".to_owned(),
        headers: BTreeMap::new(),
        tags: BTreeMap::new(),
    }
}

async fn sent_to(address: SocketAddr) -> Outcome {
    let variables: Variables = [
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIAADA".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("AWS_ENDPOINT_URL", format!("http://{address}")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    Mailer::new(&sdk_config(&variables).unwrap())
        .send(&letter())
        .await
}

#[tokio::test]
async fn a_connection_that_nobody_takes_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outcome = sent_to(address).await;
    assert_eq!(outcome, Outcome::Deferred("not connected".to_owned()));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_doubt_and_one_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let door = listener.try_clone().unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = door.accept().unwrap();
        let read = connection.read(&mut [0; 16 * 1024]).unwrap();
        drop(connection);
        door.set_nonblocking(true).unwrap();
        (read, door)
    });

    let outcome = sent_to(listener.local_addr().unwrap()).await;

    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    let (read, door) = server.join().unwrap();
    assert!(read > 0);
    assert!(door.accept().is_err(), "it was tried again");
}
