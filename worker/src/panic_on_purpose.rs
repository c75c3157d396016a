//! Two paths that panic, so that a test can show what the platform does then. In no build that is deployed.

use crate::seam::Call;

/// Panics on `/panic-on-purpose`, and on `/panic-on-purpose/later` after it has waited.
#[expect(clippy::panic, reason = "that is what it is for")]
pub(crate) async fn panic_if_asked(call: &Call, url: &str) {
    if url.ends_with("/panic-on-purpose/later") {
        call.sleep(10).await;
        panic!("on purpose, later");
    }
    if url.ends_with("/panic-on-purpose") {
        panic!("on purpose");
    }
}
