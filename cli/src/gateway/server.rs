//! Accepting connections: how many, and how long one may take to say what it wants.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use super::limits::Limits;

/// How long open requests may go on after a stop signal: a little more than Redis gets to reply.
const STOP_GRACE: Duration = Duration::from_secs(6);

/// Line and headers of one request; values of this length belong in a body.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// Connections beyond the limit that are told so at the same time; further ones are just closed.
const MAX_TURNED_AWAY: usize = 64;

/// How long a caller that is told off may take to read it.
const TOLD_OFF: Duration = Duration::from_secs(1);

/// The address of this machine at which a request came in.
#[derive(Clone, Copy)]
pub(crate) struct LocalAddress(pub(crate) SocketAddr);

/// Tells an answer without an end that the gateway stops.
#[derive(Clone)]
pub(crate) struct Stopping(watch::Receiver<()>);

impl Stopping {
    /// Waits until it does.
    pub(crate) async fn begun(&mut self) {
        let _ = self.0.changed().await;
    }
}

/// How long a connection that is to give way may take for it.
const GIVE_WAY: Duration = Duration::from_millis(100);

/// A connection that may not have sent a whole request yet.
#[derive(Default)]
struct Newcomer {
    /// Whether a request came whole.
    begun: AtomicBool,
    give_way: Notify,
}

impl Newcomer {
    fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }
}

/// The connections that came last, the oldest first.
#[derive(Default)]
struct Newcomers(VecDeque<Arc<Newcomer>>);

impl Newcomers {
    fn add(&mut self, most: usize) -> Arc<Newcomer> {
        if self.0.len() > most.saturating_mul(2) {
            self.0.retain(is_waited_for);
        }
        let newcomer = Arc::<Newcomer>::default();
        self.0.push_back(Arc::clone(&newcomer));
        newcomer
    }

    /// Tells the oldest one that has sent no whole request to go; false where there is none.
    fn send_one_away(&mut self) -> bool {
        while let Some(newcomer) = self.0.pop_front() {
            if is_waited_for(&newcomer) {
                newcomer.give_way.notify_one();
                return true;
            }
        }
        false
    }
}

/// Whether its connection is still there, without a request.
fn is_waited_for(newcomer: &Arc<Newcomer>) -> bool {
    !newcomer.has_begun() && Arc::strong_count(newcomer) > 1
}

/// Serves until `stop` is ready; then lets open requests end, for a while.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let most = usize::try_from(limits.max_connections()).unwrap_or(usize::MAX);
    let slots = Arc::new(Semaphore::new(most));
    let mut newcomers = Newcomers::default();
    let turned_away = Arc::new(Semaphore::new(MAX_TURNED_AWAY));
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                wait_after(&error).await;
                continue;
            }
        };
        let mut slot = Arc::clone(&slots).try_acquire_owned().ok();
        // Whoever keeps a connection open without a request may not keep out those who have one.
        if slot.is_none() && newcomers.send_one_away() {
            slot = timeout(GIVE_WAY, Arc::clone(&slots).acquire_owned()).await.ok().and_then(Result::ok);
        }
        if let Some(slot) = slot {
            let (router, stopped, newcomer) = (router.clone(), stopped.clone(), newcomers.add(most));
            tokio::spawn(async move {
                connection(stream, router, limits, stopped, newcomer).await;
                drop(slot);
            });
        } else if let Ok(slot) = Arc::clone(&turned_away).try_acquire_owned() {
            tokio::spawn(async move {
                let text = "ERR max concurrent connections exceeded";
                let _ = timeout(TOLD_OFF, tell_off(stream, "503 Service Unavailable", text)).await;
                drop(slot);
            });
        }
    }
    drop(listener);
    let _ = stopping.send(());
    // A caller that never finishes its request must not hold the process.
    let _ = timeout(STOP_GRACE, slots.acquire_many(limits.max_connections())).await;
}

/// Serves the requests of one connection, one after another.
async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
    newcomer: Arc<Newcomer>,
) {
    // Answers are often one small segment; they must not wait for Nagle's algorithm.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    // A caller that does not read keeps an answer in memory, so there is a time for that too.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.body_timeout()));
    let router = TowerToHyperService::new(router);
    let itself = Arc::clone(&newcomer);
    let stopping = Stopping(stopped.clone());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        itself.begun.store(true, Ordering::Release);
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(LocalAddress(local));
        request.extensions_mut().insert(stopping.clone());
        Box::pin(router.call(request))
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout())
        .max_header_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let given_way = async {
        newcomer.give_way.notified().await;
        // A request that came at the last moment is served.
        if newcomer.has_begun() {
            std::future::pending::<()>().await;
        }
    };
    let served = tokio::select! {
        served = poll_fn(|context| connection.poll_without_shutdown(context)) => Some(served),
        _ = stopped.changed() => None,
        () = given_way => return,
    };
    let served = match served {
        Some(served) => served,
        None => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|context| connection.poll_without_shutdown(context)).await
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    // Whoever has sent nothing yet asks for nothing; it would take an answer for that to its next request.
    if served.is_err_and(|error| error.is_timeout()) && !parts.read_buf.is_empty() {
        let text = "ERR the request headers did not arrive in time";
        let _ = timeout(TOLD_OFF, tell_off(stream, "408 Request Timeout", text)).await;
    } else {
        let _ = timeout(TOLD_OFF, stream.shutdown()).await;
    }
}

/// Answers what was never a request, and lets the answer arrive: closing on unread bytes would tear it away.
async fn tell_off(
    mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin,
    status: &str,
    text: &str,
) -> io::Result<()> {
    let body = serde_json::json!({ "error": text }).to_string();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

/// An error of one caller's connection says nothing about the next; any other may need a moment, as no free files do.
async fn wait_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        eprintln!("gateway: cannot accept a connection: {error}");
        sleep(Duration::from_secs(1)).await;
    }
}
