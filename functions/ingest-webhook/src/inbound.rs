//! The parts of an HTTP request that matter at the door.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crm_sources::door::Refusal;

/// A request to `/webhooks/{source}`.
pub(crate) struct Inbound {
    /// The source in the path.
    pub(crate) source: String,
    pub(crate) headers: HeaderMap,
    /// The bytes as they were sent, which is what is signed. The gateway puts
    /// whatever it does not take for text in base64.
    pub(crate) body: Result<Vec<u8>, Refusal>,
}

impl From<ApiGatewayV2httpRequest> for Inbound {
    fn from(event: ApiGatewayV2httpRequest) -> Self {
        let mut parameters = event.path_parameters;
        let text = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded {
            let bytes = BASE64_STANDARD.decode(text);
            bytes.map_err(|_| Refusal::NotText)
        } else {
            Ok(text.into_bytes())
        };
        Self {
            source: parameters.remove("source").unwrap_or_default(),
            headers: event.headers,
            body,
        }
    }
}
