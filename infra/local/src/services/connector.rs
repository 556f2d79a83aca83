//! The wire between the AWS clients and the services: no sockets, one function call a request.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::fault::{self, Fault};
use super::partial::Batch;
use super::reply::{Refusal, Reply};
use super::{Parts, route};

type Hook = Box<dyn Fn(&str, &str, u64) -> Fault + Send + Sync>;

/// Carries each request to its service and the answer back, faults included.
#[derive(Clone)]
pub(crate) struct Connector {
    parts: Arc<Parts>,
    seam: Arc<Seam>,
}

/// Where faults are put in.
#[derive(Default)]
pub(crate) struct Seam {
    calls: AtomicU64,
    hook: RwLock<Option<Hook>>,
}

impl Seam {
    pub(crate) fn set(&self, hook: Option<Hook>) {
        *self.hook.write().expect("no fault hook panics") = hook;
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn fault(&self, service: &str, operation: &str) -> Fault {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let hook = self.hook.read().expect("no fault hook panics");
        hook.as_ref()
            .map_or(Fault::None, |hook| hook(service, operation, number))
    }
}

impl Connector {
    pub(crate) fn new(parts: Arc<Parts>, seam: Arc<Seam>) -> Self {
        Self { parts, seam }
    }

    fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let body = request.body().bytes().unwrap_or_default();
        let target = request.headers().get("x-amz-target");
        let Some(call) = route::Call::of(request.method(), request.uri(), target) else {
            let refusal = Refusal::unknown_operation(target.unwrap_or(request.uri()));
            return Ok(Reply::from(refusal).into_http());
        };
        let fault = self.seam.fault(call.service, call.operation);
        if fault == Fault::ConnectError {
            return Err(fault::connection_broke());
        }
        if let Some(reply) = fault::reply(fault, call.service, call.operation, body) {
            return Ok(reply.into_http());
        }
        let reply = match fault {
            Fault::FailFirstEntry => self.partly(&call, body)?,
            _ => self.parts.call(&call, body)?,
        };
        if fault == Fault::DropReplyAfterApplying {
            return Err(fault::connection_broke());
        }
        Ok(reply.into_http())
    }
}

impl Connector {
    /// The call without the first entry of its batch, answered as if that entry alone had failed.
    fn partly(&self, call: &route::Call<'_>, body: &[u8]) -> Result<Reply, ConnectorError> {
        let batch = Batch::of(call.operation);
        let split = batch.and_then(|batch| Some((batch.without_first(body)?, batch)));
        let Some(((rest, entry), batch)) = split else {
            return self.parts.call(call, body);
        };
        let reply = self.parts.call(call, &rest)?;
        Ok(batch.with_failure(reply, entry))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.exchange(&request))
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

/// Lets no time pass, so that a client's back-off costs nothing.
#[derive(Debug)]
pub(crate) struct NoSleep;

impl AsyncSleep for NoSleep {
    fn sleep(&self, _: std::time::Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}
