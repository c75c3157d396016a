//! `dlmm gateway`

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt;
use clap::Args;
use tokio::net::TcpListener;

use crate::gateway::{Gateway, Tokens, Upstream};
use crate::redis_target::RedisArgs;
use crate::usage::UsageError;

/// How long open requests may go on after a stop signal: a little more than Redis gets to reply.
const STOP_GRACE: Duration = Duration::from_secs(6);

/// Options of `dlmm gateway`.
#[derive(Args)]
pub(crate) struct GatewayArgs {
    /// Address to listen on; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8079")]
    listen: String,

    /// Bearer token that may do everything. Better given in the environment: arguments are seen by all users.
    #[arg(long, env = "UPSTASH_REDIS_REST_TOKEN", hide_env_values = true)]
    token: String,

    /// A second token that may only read, without SCAN and KEYS, like Upstash's read-only token.
    #[arg(long, value_name = "TOKEN", env = "UPSTASH_REDIS_REST_READONLY_TOKEN", hide_env_values = true)]
    read_only_token: Option<String>,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(args: GatewayArgs) -> anyhow::Result<()> {
    let tokens = tokens(&args)?;
    let upstream = Upstream::new(args.redis.target()?);
    let listener =
        TcpListener::bind(&args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("the listening socket has no address")?;
    // Answers are often one small segment; they must not wait for Nagle's algorithm.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    upstream.warm_up().await;

    // One line that a starting script can wait for and read the port from.
    writeln!(std::io::stdout(), "listening on http://{address}")
        .context("cannot write to standard output")?;

    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let server = axum::serve(listener, Gateway::new(tokens, upstream).into_router()).with_graceful_shutdown(
        async move {
            stop_signal().await;
            let _ = stop.send(true);
        },
    );
    tokio::select! {
        outcome = server.into_future() => outcome.context("the server stopped"),
        // A caller that never finishes its request must not hold the process.
        () = async {
            let _ = stopped.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(STOP_GRACE).await;
        } => Ok(()),
    }
}

fn tokens(args: &GatewayArgs) -> Result<Tokens, UsageError> {
    let full = args.token.trim().to_owned();
    if full.is_empty() {
        return Err(UsageError("--token (or UPSTASH_REDIS_REST_TOKEN) must not be empty".to_owned()));
    }
    // An empty setting counts as absent; a token given on purpose but empty is not a token either.
    let read_only = args.read_only_token.as_deref().map(str::trim).filter(|token| !token.is_empty());
    if read_only == Some(full.as_str()) {
        return Err(UsageError("--read-only-token must differ from --token".to_owned()));
    }
    Ok(Tokens { full, read_only: read_only.map(str::to_owned) })
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => (),
                _ = terminate.recv() => (),
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
