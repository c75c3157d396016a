//! The HTTP side: a node's observer posts blocks, others ask how things are.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::fault::Fault;
use super::follower::Taken;
use super::networks::Networks;
use super::service::Service;
use super::source::{Running, Source};
use crate::clock::now_ms;

/// How long a body may take: a block of hundreds of megabytes from another machine.
const BODY_TIME: Duration = Duration::from_secs(120);
/// How many bodies' worth of an unwanted body are read and thrown away before the connection is given up.
const MAX_DRAINED: usize = 10;

/// A port on which a node's observer posts.
pub(crate) struct Listen {
    pub(crate) listener: TcpListener,
    pub(crate) max_body: usize,
    pub(crate) allowed: Networks,
}

impl Source for Listen {
    fn run(self: Box<Self>, service: Service, stopped: watch::Receiver<()>) -> Running {
        let Self { listener, max_body, allowed } = *self;
        let observer = Observer { service, max_body, allowed, told: Arc::default() };
        Box::pin(async move {
            serve(listener, Router::new().fallback(handle).with_state(observer), stopped).await;
            Ok(())
        })
    }
}

/// Health and metrics alone, at a port of their own.
pub(crate) async fn serve_sight(listener: TcpListener, service: Service, stopped: watch::Receiver<()>) {
    serve(listener, Router::new().fallback(sight).with_state(service), stopped).await;
}

async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<()>) {
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let stop = async move {
        let _ = stopped.changed().await;
    };
    let _ = axum::serve(listener, router).with_graceful_shutdown(stop).await;
}

/// What the HTTP side needs.
#[derive(Clone)]
struct Observer {
    service: Service,
    max_body: usize,
    /// Who may post.
    allowed: Networks,
    /// Addresses that were refused and told of.
    told: Arc<Mutex<HashSet<IpAddr>>>,
}

/// Addresses that are told of at most.
const MAX_TOLD: usize = 16;

impl Observer {
    /// Says once of an address that it may not post: a node behind it is silent to its operator too.
    fn tell(&self, address: IpAddr) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MAX_TOLD && told.insert(address) {
            self.service.warn(&format!("{address} may not post here; --allow-from says who may"));
        }
    }

    async fn new_block(&self, body: Body, declared: Option<usize>) -> Result<Taken, Fault> {
        // A node whose blocks do not come through sends the same one for ever, and its operator looks here.
        let body = self.read(body, declared).await.inspect_err(|fault| self.service.refuse(fault))?;
        self.service.take_text(body).await
    }

    /// A body that is too long is still read to its end: a node that is cut off while it sends never sees why.
    async fn read(&self, mut body: Body, declared: Option<usize>) -> Result<Vec<u8>, Fault> {
        let limit = self.max_body;
        let (mut kept, mut size) = (Vec::with_capacity(declared.unwrap_or(0).min(limit)), 0_usize);
        let reading = async {
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|_| Fault::Block { reason: "the body broke off".to_owned() })?;
                let Some(chunk) = frame.data_ref() else { continue };
                size = size.saturating_add(chunk.len());
                if size <= limit {
                    kept.extend_from_slice(chunk);
                } else {
                    kept = Vec::new();
                }
                if size > limit.saturating_mul(MAX_DRAINED) {
                    break;
                }
            }
            if size > limit { Err(Fault::TooLarge { limit }) } else { Ok(kept) }
        };
        timeout(BODY_TIME, reading)
            .await
            .unwrap_or_else(|_| Err(Fault::Block { reason: "the body did not come in time".to_owned() }))
    }
}

async fn handle(
    State(observer): State<Observer>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    if let Some(response) = look(&observer.service, &request) {
        return response;
    }
    if !observer.allowed.contains(peer.ip()) {
        observer.tell(peer.ip());
        return refused(StatusCode::FORBIDDEN, "FORBIDDEN", "this address may not post here");
    }
    // Nodes send no origin; a page in somebody's browser does.
    if request.headers().contains_key(ORIGIN) {
        return refused(StatusCode::FORBIDDEN, "FORBIDDEN", "pages may not post here");
    }
    if request.method() != Method::POST {
        return refused(StatusCode::NOT_FOUND, "NOT_FOUND", "there is /new_block, /health and /metrics");
    }
    let is_block = request.uri().path() == "/new_block";
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse().ok());
    let body = request.into_body();
    if !is_block {
        // A node posts more than blocks, and would repeat it for ever.
        let _ = observer.drain(body).await;
        return json_response(StatusCode::OK, &json!({ "success": true, "ignored": true }));
    }
    // On a task of its own: a node that hangs up does not leave a block half taken.
    let taking = tokio::spawn(async move { observer.new_block(body, declared).await });
    match taking.await {
        Ok(Ok(taken)) => json_response(StatusCode::OK, &taken_json(&taken)),
        Ok(Err(fault)) => json_response(fault.status(), &fault.to_json()),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "the block was not taken"),
    }
}

impl Observer {
    async fn drain(&self, mut body: Body) {
        let reading = async { while let Some(Ok(_)) = body.frame().await {} };
        let _ = timeout(BODY_TIME, reading).await;
    }
}

async fn sight(State(service): State<Service>, request: Request) -> Response {
    look(&service, &request)
        .unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "NOT_FOUND", "there is /health and /metrics"))
}

/// Answers the paths that change nothing.
fn look(service: &Service, request: &Request) -> Option<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let status = service.status();
    match request.uri().path() {
        "/health" => {
            let (well, body) = status.health(now_ms());
            let code = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            Some(json_response(code, &body))
        }
        "/metrics" => {
            let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4")];
            Some((kind, status.metrics(now_ms())).into_response())
        }
        _ => None,
    }
}

fn taken_json(taken: &Taken) -> Value {
    match taken {
        Taken::Twice => json!({ "success": true, "repeated": true }),
        Taken::Applied { undone, redone, tally, written } => json!({
            "success": true, "repeated": false, "undone": undone, "redone": redone, "events": tally.events,
            "pools": written.pools, "bins": written.bins,
        }),
        Taken::ReadAnew { written, .. } => json!({
            "success": true, "repeated": false, "read_anew": true, "pools": written.pools, "bins": written.bins,
        }),
    }
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    json_response(
        status,
        &json!({ "success": false, "error": { "code": code, "message": message, "details": {} } }),
    )
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
