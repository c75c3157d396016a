//! `dlmm follow`

use std::net::ToSocketAddrs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{ArgGroup, Args};
use dlmm_core::clarity::Principal;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::gateway::stop_signal;
use crate::follow::{
    Api, Follower, Listen, Network, Networks, Node, Poll, Recording, Report, Rules, Service, Settings,
    Source, Status, Tokens, serve_sight,
};
use crate::input;
use crate::redis::target::RedisArgs;
use crate::usage::UsageError;

/// Options of `dlmm follow`.
#[derive(Args)]
#[command(group = ArgGroup::new("source").required(true).multiple(true).args(["listen", "poll", "file"]))]
pub(crate) struct FollowArgs {
    /// The core contract whose pools are followed.
    #[arg(long, value_name = "PRINCIPAL", value_parser = contract)]
    core: String,

    /// Tokens by contract: {"<principal>": {"symbol", "decimals", "asset": "<asset name>" or "STX"}}.
    #[arg(long, value_name = "FILE")]
    tokens: PathBuf,

    /// Address at which a node's observer posts /new_block; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,

    /// An API of the chain whose pages are read instead, for example https://api.hiro.so.
    #[arg(long, value_name = "URL", value_parser = http_url, conflicts_with = "listen")]
    poll: Option<String>,

    /// Recorded blocks, one a line as a node posts them, or an API's archive of them (`-`: standard input). With --listen or
    /// --poll it goes on there, else it ends with the file.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Seconds between two looks for new blocks.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = poll_every, conflicts_with = "listen")]
    poll_every: Duration,

    /// Key for the API: more requests are allowed with one.
    #[arg(long, value_name = "KEY", env = "STACKS_API_KEY", hide_env_values = true)]
    poll_key: Option<String>,

    /// A node that answers reads: for the start, for gaps, for tokens that the file does not have, and for checks.
    #[arg(long, value_name = "URL", value_parser = http_url)]
    node: Option<String>,

    /// Compare one pool with the chain every so many blocks, each in turn.
    #[arg(long, value_name = "N", requires = "node", value_parser = clap::value_parser!(u64).range(1..))]
    check_every: Option<u64>,

    /// Begin with nothing: the first block posted is the first that matters.
    #[arg(long)]
    from_genesis: bool,

    /// Follow unverified pools too, each named in a warning.
    #[arg(long)]
    allow_unverified: bool,

    /// A network from which blocks may be posted, beside this machine; required with --listen off loopback.
    #[arg(long = "allow-from", value_name = "CIDR", value_parser = Network::parse, conflicts_with = "poll")]
    allow_from: Vec<Network>,

    /// Largest body of a block, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20, value_parser = max_body)]
    max_body: usize,

    /// Address of /health and /metrics; without it they are at the --listen address, and nowhere with --poll.
    #[arg(long, value_name = "HOST:PORT")]
    http: Option<String>,

    /// Age of the last block, in seconds, from which on /health is 503.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    max_lag: u64,

    /// How many blocks back a fork can be undone.
    #[arg(long, value_name = "N", default_value_t = 144, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    keep_blocks: u32,

    #[command(flatten)]
    redis: RedisArgs,
}

/// Follows until Ctrl-C or SIGTERM, or to the end of a file where there is nothing else.
pub(crate) async fn run(args: FollowArgs) -> anyhow::Result<()> {
    for (option, url) in [("--poll", &args.poll), ("--node", &args.node)] {
        if url.as_deref().is_some_and(|url| !is_base(url)) {
            // Without the URL: it holds what nobody should see.
            let message = format!("{option}: a URL without user, password and query is needed");
            return Err(UsageError(message).into());
        }
    }
    let target = args.redis.target()?;
    let tokens = Tokens::read(&args.tokens)?;
    let max_lag = Duration::from_secs(args.max_lag);
    let from_genesis = args.from_genesis;
    let core = args.core.clone();
    let node = args.node.as_deref().map(|url| Node::new(url, &args.core));
    let settings = Settings {
        node,
        check_every: args.check_every,
        rules: Rules { core: args.core, allow_unverified: args.allow_unverified },
        from_genesis: args.from_genesis,
        keep_blocks: usize::try_from(args.keep_blocks)?,
        max_lag,
    };
    let report = Report::new();
    let status = Arc::new(Status::new(max_lag));
    let service = Service::new(Follower::new(settings, tokens, target), status, report);

    let recording = match &args.file {
        Some(file) => {
            input::one_reader([Some(file.as_path()), Some(args.tokens.as_path())])?;
            let name = input::name(file);
            let reader = input::lines(file).with_context(|| format!("cannot read {name}"))?;
            Some(Recording { name, reader, core: core.clone(), max_body: args.max_body })
        }
        None => None,
    };
    if let Some(listen) = &args.listen {
        if !is_loopback(listen)? && args.allow_from.is_empty() {
            let message = "--listen is not on this machine's loopback: --allow-from must say who may post";
            return Err(UsageError(message.to_owned()).into());
        }
        if recording.is_some() {
            // A port that is taken is told before the file is read, and not an hour later.
            drop(open(listen).await?);
        }
    }
    let (stopping, stopped) = watch::channel(());
    let mut parts = Vec::new();
    if let Some(http) = &args.http {
        let listener = bind(http, report).await?;
        parts.push(tokio::spawn(serve_sight(listener, service.clone(), stopped.clone())));
    }
    let keeper = tokio::spawn({
        let service = service.clone();
        async move { service.keep().await }
    });
    let sources = {
        let (service, stopped) = (service.clone(), stopped.clone());
        async move {
            if let Some(recording) = recording {
                Box::new(recording).run(service.without_lines(), stopped.clone()).await?;
            }
            let source: Box<dyn Source> = match (&args.listen, &args.poll) {
                (Some(listen), _) => {
                    let (listener, allowed) = (bind(listen, report).await?, Networks(args.allow_from));
                    Box::new(Listen { listener, max_body: args.max_body, allowed })
                }
                (None, Some(url)) => {
                    let api = Api::new(url, args.poll_key.filter(|key| !key.trim().is_empty()));
                    report.polling(&origin(url));
                    Box::new(Poll { api, core, every: args.poll_every, from_genesis })
                }
                (None, None) => return Ok(()),
            };
            source.run(service, stopped).await
        }
    };
    drop(stopped);
    let mut sources = tokio::spawn(sources);
    let ended = tokio::select! {
        ended = &mut sources => ended,
        () = stop_signal() => {
            let _ = stopping.send(());
            sources.await
        }
    };
    let _ = stopping.send(());
    for part in parts {
        let _ = part.await;
    }
    keeper.abort();
    service.stop().await;
    ended.context("a source broke off")?
}

async fn open(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

async fn bind(address: &str, report: Report) -> anyhow::Result<TcpListener> {
    let listener = open(address).await?;
    let local = listener.local_addr().context("the listening socket has no address")?;
    report.listening(&format!("http://{local}"));
    Ok(listener)
}

fn is_loopback(address: &str) -> Result<bool, UsageError> {
    let wrong = |_| UsageError(format!("--listen: {address} is not HOST:PORT"));
    Ok(address.to_socket_addrs().map_err(wrong)?.all(|address| address.ip().is_loopback()))
}

fn contract(text: &str) -> Result<String, String> {
    match Principal::parse(text) {
        Ok(principal) if principal.contract().is_some() => Ok(text.to_owned()),
        Ok(_) => Err("must be a contract: an address, a dot and a name".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn http_url(text: &str) -> Result<String, String> {
    let url: axum::http::Uri = text.parse().map_err(|_| "must be a URL".to_owned())?;
    match url.scheme_str() {
        Some("http" | "https") if url.host().is_some() => Ok(text.to_owned()),
        _ => Err("must begin with http:// or https:// and a host".to_owned()),
    }
}

/// Whether paths can be put behind a URL, and it has no password.
fn is_base(url: &str) -> bool {
    let url: Option<axum::http::Uri> = url.parse().ok();
    url.is_some_and(|url| {
        url.query().is_none() && url.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    })
}

/// Scheme, host and port of a URL: a path may hold a key.
fn origin(url: &str) -> String {
    let url: axum::http::Uri = url.parse().unwrap_or_default();
    let authority = url.authority().map_or("", |authority| authority.as_str());
    format!("{}://{}", url.scheme_str().unwrap_or("http"), authority.rsplit('@').next().unwrap_or_default())
}

/// From 1 kB to 64 GB.
fn max_body(text: &str) -> Result<usize, String> {
    let bytes = text.parse().ok().filter(|bytes| (1 << 10..=64 << 30).contains(bytes));
    bytes.ok_or_else(|| "must be a whole number of bytes from 1024 to 68719476736".to_owned())
}

/// From a tenth of a second to an hour.
fn poll_every(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=3_600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "must be seconds from 0.1 to 3600".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_without_what_may_be_a_secret() {
        assert_eq!(origin("https://api.example:8443/v1/k-secret/"), "https://api.example:8443");
        assert_eq!(origin("https://user:k-secret@api.example/x?key=k-secret"), "https://api.example");
        let is = |url| (is_base(url), http_url(url).is_ok());
        assert_eq!(is("https://api.example/v1/key"), (true, true));
        for url in ["https://user:pw@api.example", "https://user@api.example/", "https://api.example/?key=k"]
        {
            assert_eq!(is(url), (false, true), "{url}");
        }
    }
}
