//! Reading a request body up to a limit.

use axum::body::Body;
use http_body_util::BodyExt;

use super::fault::Fault;

/// Largest request, as on Upstash's free and pay-as-you-go plans.
pub(crate) const MAX_BODY: usize = 10 * 1024 * 1024;

/// How much of an unwanted body is read and thrown away before the connection is given up.
const MAX_DRAINED: usize = 10 * MAX_BODY;

/// Reads the whole body, or says how large it was.
///
/// A body over `limit` is still read to its end: a client that is cut off while it sends sees a broken
/// pipe and never the answer that tells it why.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut kept = Vec::new();
    let actual = each_chunk(body, |chunk| {
        if kept.len() + chunk.len() <= limit {
            kept.extend_from_slice(chunk);
        }
    })
    .await?;
    if actual > limit { Err(Fault::BodyTooLarge { limit, actual }) } else { Ok(kept) }
}

/// Reads and forgets, so that an early answer reaches a client that is still sending.
pub(crate) async fn drain(body: Body) {
    let _ = each_chunk(body, |_| ()).await;
}

/// Gives the size of the body, or of what was read of one beyond all bounds.
async fn each_chunk(mut body: Body, mut take: impl FnMut(&[u8])) -> Result<usize, Fault> {
    let mut size = 0_usize;
    while let Some(frame) = body.frame().await {
        if let Some(chunk) = frame.map_err(|_| Fault::BodyBroken)?.data_ref() {
            take(chunk);
            size = size.saturating_add(chunk.len());
        }
        if size > MAX_DRAINED {
            break;
        }
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keeps_a_body_of_exactly_the_limit() {
        assert_eq!(read(Body::from("12345"), 5).await.unwrap(), b"12345");
    }

    #[tokio::test]
    async fn reports_the_size_of_a_body_over_the_limit() {
        let fault = read(Body::from("123456"), 5).await.unwrap_err();
        assert!(matches!(fault, Fault::BodyTooLarge { limit: 5, actual: 6 }), "{fault:?}");
    }
}
