//! Reading a request body up to a limit, and within a time.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::fault::Fault;
use super::memory::Hold;

/// How many bodies' worth of an unwanted body are read and thrown away before the connection is given up.
const MAX_DRAINED: usize = 10;

/// What a byte of a body costs at most until it has been sent: in the body, in the command, in what is sent to Redis.
const COPIES: usize = 3;

/// How bodies are read.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl BodyLimits {
    /// Reads the whole body, or says how large it was.
    ///
    /// A body that is not wanted is still read to its end: a client that is cut off while it sends sees a broken
    /// pipe and never the answer that tells it why.
    pub(crate) async fn read(self, body: Body, hold: &mut Hold) -> Result<Vec<u8>, Fault> {
        let limit = self.bytes;
        let (mut kept, mut wanted) = (Vec::new(), Ok(()));
        let actual = self
            .each_chunk(body, |chunk| {
                if wanted.is_ok() {
                    let size = kept.len() + chunk.len();
                    wanted =
                        if size > limit { Err(None) } else { hold.grow(COPIES * chunk.len()).map_err(Some) };
                }
                if wanted.is_ok() {
                    kept.extend_from_slice(chunk);
                } else {
                    kept = Vec::new();
                    hold.shrink_to(0);
                }
            })
            .await?;
        match wanted {
            _ if actual > limit => Err(Fault::BodyTooLarge { limit, actual }),
            Err(Some(fault)) => Err(fault),
            _ => Ok(kept),
        }
    }

    /// Reads and forgets, so that an early answer reaches a client that is still sending.
    pub(crate) async fn drain(self, body: Body) {
        let _ = self.each_chunk(body, |_| ()).await;
    }

    /// Gives the size of the body, or of what was read of one beyond all bounds.
    async fn each_chunk(self, mut body: Body, mut take: impl FnMut(&[u8])) -> Result<usize, Fault> {
        let reading = async {
            let mut size = 0_usize;
            while let Some(frame) = body.frame().await {
                if let Some(chunk) = frame.map_err(|_| Fault::BodyBroken)?.data_ref() {
                    take(chunk);
                    size = size.saturating_add(chunk.len());
                }
                if size > MAX_DRAINED.saturating_mul(self.bytes) {
                    break;
                }
            }
            Ok(size)
        };
        timeout(self.time, reading).await.unwrap_or(Err(Fault::BodySlow))
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Memory;
    use super::*;

    /// A body of which nothing ever comes.
    struct Never;

    impl axum::body::HttpBody for Never {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }

    async fn read(body: &'static str, memory: usize) -> Result<Vec<u8>, Fault> {
        let limits = BodyLimits { bytes: 5, time: Duration::from_secs(60) };
        limits.read(Body::from(body), &mut Memory::new(memory).hold()).await
    }

    #[tokio::test]
    async fn keeps_a_body_of_exactly_the_limit() {
        assert_eq!(read("12345", 1_000).await.unwrap(), b"12345");
    }

    #[tokio::test]
    async fn reports_the_size_of_a_body_over_the_limit() {
        let fault = read("123456", 1_000).await.unwrap_err();
        assert!(matches!(fault, Fault::BodyTooLarge { limit: 5, actual: 6 }), "{fault:?}");
    }

    #[tokio::test]
    async fn refuses_a_body_that_all_others_leave_no_room_for() {
        let memory = Memory::new(20);
        let mut others = memory.hold();
        others.grow(10).unwrap();
        let limits = BodyLimits { bytes: 100, time: Duration::from_secs(60) };
        let mut hold = memory.hold();
        let fault = limits.read(Body::from("12345"), &mut hold).await.unwrap_err();
        assert!(matches!(fault, Fault::Busy { limit: 20 }), "{fault:?}");
        drop(others);
        assert_eq!(limits.read(Body::from("12345"), &mut hold).await.unwrap(), b"12345");
    }

    #[tokio::test]
    async fn gives_up_a_body_that_does_not_come() {
        let limits = BodyLimits { bytes: 100, time: Duration::ZERO };
        let fault = limits.read(Body::new(Never), &mut Memory::new(1_000).hold()).await.unwrap_err();
        assert!(matches!(fault, Fault::BodySlow), "{fault:?}");
    }
}
