//! Who waits for the work: a client, whose going the platform tells, or nobody.

use crate::seam::Call;

/// The one a unit of work is done for, and through whom the platform is asked. The default is nobody, which reaches no
/// platform either: for tests.
#[derive(Debug, Default)]
pub struct Caller {
    call: Option<Call>,
}

impl Caller {
    /// The client of a request, or the work behind its answer. Where the flag `enable_request_signal` is off, a client
    /// seems to wait for ever.
    pub fn of(call: Call) -> Self {
        Self { call: Some(call) }
    }

    /// Whether the client has closed its connection, so that no answer reaches it.
    pub fn is_gone(&self) -> bool {
        self.call.as_ref().is_some_and(Call::is_gone)
    }

    pub(super) const fn call(&self) -> Option<&Call> {
        self.call.as_ref()
    }
}
