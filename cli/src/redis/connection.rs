//! Opening a connection to Redis, plain or TLS, within a time limit and with errors a person can act on.
//!
//! The byte stream is opened here instead of by `redis::Client`, because the gateway must know when a
//! shared connection has died (the client spawns its reading task out of sight), and because the error then
//! says which step failed.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::redis::bounded_replies::BoundedReplies;
use crate::redis::sentinel_url::Node;
use crate::redis::target::RedisTarget;

/// A stream of bytes in both directions.
pub(crate) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Bytes for S {}

/// An open connection and the task that moves its bytes.
pub(crate) struct RedisLink {
    pub(crate) connection: MultiplexedConnection,
    driver: JoinHandle<()>,
}

impl RedisLink {
    /// True once Redis has closed the connection; known without sending anything.
    pub(crate) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }

    /// Closes the connection now; whoever still waits for a reply on it gets an error.
    pub(crate) fn close(self) {
        self.driver.abort();
    }
}

/// Time limits of one connection.
#[derive(Clone, Copy)]
pub(crate) struct RedisTimeouts {
    /// From the name lookup to the accepted login.
    pub(crate) connect: Duration,
    /// From sending a command to its whole reply.
    pub(crate) reply: Duration,
}

impl RedisTarget {
    /// Opens a connection to one server.
    pub(crate) async fn open_node(
        &self,
        node: &Node,
        login: &RedisConnectionInfo,
        reply_timeout: Duration,
        max_reply: Option<usize>,
    ) -> Result<RedisLink, FailedStep> {
        let stream = self.stream_to(node).await?;
        match max_reply {
            Some(limit) => first_words(BoundedReplies::new(stream, limit), login, reply_timeout).await,
            None => first_words(stream, login, reply_timeout).await,
        }
    }

    /// Opens the stream of bytes to one server, with TLS or without.
    pub(crate) async fn stream_to(&self, Node { host, port }: &Node) -> Result<Box<dyn Bytes>, FailedStep> {
        let tcp = TcpStream::connect((host.as_str(), *port)).await.map_err(FailedStep::Network)?;
        // Small commands must not wait for Nagle's algorithm.
        tcp.set_nodelay(true).map_err(FailedStep::Network)?;
        if !self.tls {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(host.clone())
            .map_err(|_| FailedStep::Tls("the host name is not valid for TLS".to_owned()))?;
        let stream =
            self.tls_connector()?.connect(name, tcp).await.map_err(|e| FailedStep::Tls(e.to_string()))?;
        Ok(Box::new(stream))
    }

    fn tls_connector(&self) -> Result<TlsConnector, FailedStep> {
        let mut roots = RootCertStore::empty();
        match &self.ca_cert {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let unreadable =
                    |_| FailedStep::Tls("the file of REDIS_CA_CERT cannot be read as PEM".to_owned());
                for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                    roots.add(certificate.map_err(unreadable)?).map_err(|_| {
                        FailedStep::Tls("REDIS_CA_CERT holds an unusable certificate".to_owned())
                    })?;
                }
            }
        }
        // The provider is named here, so that nothing depends on a process-wide default being installed.
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| FailedStep::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// Logs in.
async fn first_words<S>(
    stream: S,
    login: &RedisConnectionInfo,
    reply_timeout: Duration,
) -> Result<RedisLink, FailedStep>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(reply_timeout));
    let (mut connection, driver) = MultiplexedConnection::new_with_config(login, stream, config)
        .await
        .map_err(|error| FailedStep::Login(error.kind()))?;
    // Driven here until the first answer, so that giving up on it also drops the socket.
    let mut driver = Box::pin(driver);
    let first_answer = tokio::select! {
        answer = ping(&mut connection) => answer,
        () = &mut driver => Err(FailedStep::Login(ErrorKind::Io)),
    };
    first_answer.map(|()| RedisLink { connection, driver: tokio::spawn(driver) })
}

/// Asks for a sign of life. Without a login nothing has been said before: a stopped or foreign server, and a
/// missing password, would show up only with the first command.
async fn ping(connection: &mut MultiplexedConnection) -> Result<(), FailedStep> {
    match connection.send_packed_command(&redis::cmd("PING")).await {
        Ok(Value::ServerError(error)) if error.code() == "NOAUTH" => Err(FailedStep::NoPassword),
        // Any other answer will do: a user may be forbidden to PING, and Redis may still be loading.
        Ok(_) => Ok(()),
        Err(error) => Err(FailedStep::Login(error.kind())),
    }
}

/// Why no connection could be opened; names host and port, never the login.
#[derive(Debug)]
pub(crate) struct ConnectError {
    pub(crate) address: String,
    pub(crate) step: FailedStep,
}

/// Which step failed, and how.
#[derive(Debug)]
pub(crate) enum FailedStep {
    Network(io::Error),
    TimedOut {
        after: Duration,
        tls: bool,
    },
    Tls(String),
    Login(ErrorKind),
    NoPassword,
    /// No sentinel names a primary; what each of them said, and whether they would say the same a second later.
    NoPrimary {
        reasons: String,
        is_lasting: bool,
    },
    /// What the sentinels name is a replica: a failover is under way.
    NotPrimary,
}

impl FailedStep {
    /// Whether the server answered and did not accept the login.
    pub(crate) const fn refuses_login(&self) -> bool {
        matches!(self, Self::Login(ErrorKind::AuthenticationFailed) | Self::NoPassword)
    }

    /// What is wrong with a sentinel, as the end of a sentence that begins with its address.
    pub(crate) fn of_a_sentinel(&self) -> String {
        match self {
            Self::Network(error) => format!("cannot be reached: {error}"),
            Self::Tls(reason) => format!("gives no TLS connection: {reason}"),
            Self::NoPassword | Self::Login(ErrorKind::AuthenticationFailed) => {
                "refuses the login; REDIS_SENTINEL_PASSWORD is its password".to_owned()
            }
            _ => "does not answer as a sentinel does".to_owned(),
        }
    }
}

impl ConnectError {
    /// Whether waiting does not help.
    pub(crate) fn is_lasting(&self) -> bool {
        match self.step {
            FailedStep::NoPrimary { is_lasting, .. } => is_lasting,
            FailedStep::Tls(_) | FailedStep::Login(ErrorKind::Server(_)) => true,
            _ => self.is_login_refused(),
        }
    }

    /// Whether Redis answered and did not accept the login.
    pub(crate) fn is_login_refused(&self) -> bool {
        self.step.refuses_login()
    }

    /// Whether nothing was there that could be Redis, so that another address may be meant.
    pub(crate) fn is_unreachable(&self) -> bool {
        matches!(self.step, FailedStep::Network(_) | FailedStep::TimedOut { .. })
    }

    /// Whether the time ran out.
    pub(crate) fn is_time_out(&self) -> bool {
        matches!(self.step, FailedStep::TimedOut { .. })
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.address;
        match &self.step {
            FailedStep::Network(error) => write!(f, "cannot connect to Redis at {address}: {error}"),
            FailedStep::TimedOut { after, tls } => {
                // A server without TLS waits for the end of a command that it does not see.
                let over = if *tls { " with TLS (rediss://); does it speak TLS?" } else { "" };
                write!(
                    f,
                    "Redis at {address} did not accept a connection within {} ms{over}",
                    after.as_millis()
                )
            }
            FailedStep::Tls(reason) => write!(f, "no TLS connection to Redis at {address}: {reason}"),
            FailedStep::Login(ErrorKind::AuthenticationFailed) => {
                write!(f, "Redis at {address} refused the user or password")
            }
            FailedStep::Login(ErrorKind::Server(_)) => {
                write!(f, "Redis at {address} refused the database number")
            }
            FailedStep::NoPrimary { reasons, .. } => {
                write!(f, "nobody says where the primary is, {address}: {reasons}")
            }
            FailedStep::NotPrimary => {
                write!(
                    f,
                    "Redis at {address} is not the primary that the sentinels say it is; a failover is under way"
                )
            }
            FailedStep::NoPassword => write!(f, "Redis at {address} wants a password and none is set"),
            FailedStep::Login(_) => write!(f, "what listens at {address} does not answer as Redis does"),
        }
    }
}

impl std::error::Error for ConnectError {}
