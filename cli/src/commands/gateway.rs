//! `dlmm gateway`

use std::io::Write;

use anyhow::Context;
use axum::http::{HeaderValue, Uri};
use clap::Args;
use tokio::net::TcpListener;

use crate::gateway::{AllowedHost, Gateway, Guard, Limits, Tokens, Upstream, serve};
use crate::redis::target::RedisArgs;
use crate::usage::UsageError;

/// 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;
/// 128 and the number of SIGTERM.
#[cfg(unix)]
const TERMINATED: u8 = 143;

/// Options of `dlmm gateway`.
#[derive(Args)]
pub(crate) struct GatewayArgs {
    /// Address to listen on; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8079", value_parser = listen_address)]
    listen: String,

    /// Bearer token that may do everything. Better given in the environment: every user of the machine sees arguments.
    #[arg(long, env = "UPSTASH_REDIS_REST_TOKEN", hide_env_values = true)]
    token: String,

    /// A second token that may only read, without SCAN and KEYS, like Upstash's read-only token.
    #[arg(long, value_name = "TOKEN", env = "UPSTASH_REDIS_REST_READONLY_TOKEN", hide_env_values = true)]
    read_only_token: Option<String>,

    /// Another host that requests may name, for a gateway behind a host name or another port.
    #[arg(long = "allow-host", value_name = "HOST[:PORT]", value_parser = allowed_host)]
    allowed_hosts: Vec<AllowedHost>,

    /// Origin of web pages that may call, as browsers send it; without this option no page may.
    #[arg(long = "allow-origin", value_name = "SCHEME://HOST[:PORT]", value_parser = allowed_origin)]
    allowed_origins: Vec<HeaderValue>,

    #[command(flatten)]
    limits: Limits,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(args: GatewayArgs) -> anyhow::Result<()> {
    let tokens = tokens(&args)?;
    let upstream = Upstream::new(args.redis.target()?, args.limits.max_reply());
    let listener =
        TcpListener::bind(&args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr().context("the listening socket has no address")?;
    upstream.warm_up().await;

    // One line that a starting script can wait for and read the port from.
    writeln!(std::io::stdout(), "listening on http://{address}")
        .context("cannot write to standard output")?;

    let guard = Guard { hosts: args.allowed_hosts, origins: args.allowed_origins };
    let gateway = Gateway::new(tokens, guard, args.limits, upstream);
    serve(listener, gateway.into_router(), args.limits, stop_signal()).await;
    Ok(())
}

/// Only how it is written; whether it can be listened on is seen by doing it.
fn listen_address(text: &str) -> Result<String, &'static str> {
    let parts = text.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    parts.map(|_| text.to_owned()).ok_or("must be HOST:PORT, for example 127.0.0.1:8079")
}

fn allowed_host(text: &str) -> Result<AllowedHost, &'static str> {
    AllowedHost::parse(text).ok_or("must be a host name or address, with or without a port")
}

fn allowed_origin(text: &str) -> Result<HeaderValue, &'static str> {
    let wrong = "must be written as browsers send it, for example https://app.example:8443";
    let origin: Uri = text.parse().map_err(|_| wrong)?;
    let (Some(scheme), Some(host)) = (origin.scheme_str(), origin.authority()) else { return Err(wrong) };
    // No path, nobody's login, and in lower case, or it would never be equal.
    if text != format!("{scheme}://{host}").to_ascii_lowercase() || host.as_str().contains('@') {
        return Err(wrong);
    }
    HeaderValue::from_str(text).map_err(|_| wrong)
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

/// Until Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() {
    stop_code().await;
}

/// As [`stop_signal`], with what a shell says of a program that such a signal ended.
#[cfg(unix)]
pub(crate) async fn stop_code() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => INTERRUPTED,
                _ = terminate.recv() => TERMINATED,
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
            INTERRUPTED
        }
    }
}

#[cfg(not(unix))]
pub(crate) async fn stop_code() -> u8 {
    let _ = tokio::signal::ctrl_c().await;
    INTERRUPTED
}
