use aws_sdk_secretsmanager::Client;

use super::{code, services};

async fn value(client: &Client, stage: &str) -> Result<String, String> {
    let get = client.get_secret_value().secret_id("shopify");
    let got = get.version_stage(stage).send().await;
    let got = got.map_err(|error| code(&error))?;
    Ok(got.secret_string.unwrap())
}

#[tokio::test]
async fn a_rotation_leaves_the_previous_value_readable() {
    let services = services();
    let client = Client::new(&services.sdk_config());
    assert_eq!(
        value(&client, "AWSCURRENT").await.unwrap_err(),
        "ResourceNotFoundException"
    );

    services.secrets().create("shopify", "one").unwrap();
    services.secrets().create("shopify", "ignored").unwrap();
    assert_eq!(value(&client, "AWSCURRENT").await.unwrap(), "one");
    assert_eq!(
        value(&client, "AWSPREVIOUS").await.unwrap_err(),
        "ResourceNotFoundException"
    );

    for (next, previous) in [("two", "one"), ("three", "two")] {
        let put = client.put_secret_value().secret_id("shopify");
        put.secret_string(next).send().await.unwrap();
        assert_eq!(value(&client, "AWSCURRENT").await.unwrap(), next);
        assert_eq!(value(&client, "AWSPREVIOUS").await.unwrap(), previous);
    }
}
