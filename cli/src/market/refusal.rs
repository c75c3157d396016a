//! Why there is no quote, as HTTP says it.

use std::fmt;
use std::process::ExitCode;

use dlmm_core::api::{Answer, ErrorDetails, NumberStyle};
use dlmm_core::error::{PlanFault, QuoteError};
use dlmm_core::json::{Object, object, to_json};

use super::reader::POOLS_HIDDEN;
use crate::redis::fault::RedisFault;
use crate::redis::store::TIMEOUTS;
use crate::usage::{FAILED, USAGE};

/// A request that is not answered with a quote.
#[derive(Debug)]
pub(crate) struct Refusal {
    cause: Box<Cause>,
    /// Whether there is no pool of any kind: then it is not the request that is wrong.
    is_market_empty: bool,
}

#[derive(Debug)]
enum Cause {
    /// Core refuses.
    Core(QuoteError),
    /// Redis failed.
    Redis(RedisFault),
    /// Pools are there or not, and this user has no way to tell.
    PoolsHidden,
}

impl Refusal {
    /// A batch line that is not text.
    pub(crate) fn not_utf8() -> Self {
        let error =
            QuoteError::InvalidRequest { field: "body".to_owned(), reason: "is not UTF-8".to_owned() };
        error.into()
    }

    /// Pools are there or not, and this user has no way to tell.
    pub(crate) fn pools_hidden() -> Self {
        Cause::PoolsHidden.into()
    }

    /// As given by a market of so many pools.
    pub(crate) fn among(self, pools: usize) -> Self {
        Self { is_market_empty: pools == 0, ..self }
    }

    /// Whether a token or pool is unknown where nothing is known at all.
    pub(crate) fn is_of_nothing(&self) -> bool {
        self.is_market_empty && self.is_unknown()
    }

    /// Whether a plan was asked for, and nobody has said which router it is to call.
    pub(crate) fn is_without_router(&self) -> bool {
        matches!(&*self.cause, Cause::Core(QuoteError::PlanUnavailable { reason: PlanFault::NoRouter, .. }))
    }

    /// What the process ends with for it.
    pub(crate) fn exit_code(&self) -> ExitCode {
        // Another state would not answer such a request either.
        ExitCode::from(if self.is_usage() { USAGE } else { FAILED })
    }

    /// What Redis did, where that is why.
    pub(crate) fn redis_fault(&self) -> Option<&RedisFault> {
        match &*self.cause {
            Cause::Redis(fault) => Some(fault),
            _ => None,
        }
    }

    /// Whether no other moment would answer the request: it is wrong in itself, or names what is not there.
    pub(crate) fn is_lasting(&self) -> bool {
        self.is_usage() || self.is_unknown()
    }

    fn is_unknown(&self) -> bool {
        matches!(&*self.cause, Cause::Core(QuoteError::UnknownToken { .. } | QuoteError::UnknownPool { .. }))
    }

    pub(crate) fn is_usage(&self) -> bool {
        matches!(&*self.cause, Cause::Core(error) if is_usage(error))
    }

    /// The code of the API's error table.
    pub(crate) fn code(&self) -> &'static str {
        match &*self.cause {
            Cause::Core(error) => error.code(),
            Cause::Redis(fault) => fault.code(),
            Cause::PoolsHidden => "REDIS_AUTH",
        }
    }

    fn message(&self) -> String {
        match &*self.cause {
            Cause::Core(error) => error.to_string(),
            Cause::Redis(fault) => fault.to_string(),
            Cause::PoolsHidden => POOLS_HIDDEN.to_owned(),
        }
    }

    /// The body of the HTTP answer.
    pub(crate) fn to_json(&self) -> String {
        let message = self.message();
        let error = object(|f| {
            f.member("code", self.code());
            f.member("message", message.as_str());
            match &*self.cause {
                Cause::Core(error) => f.member("details", ErrorDetails(error)),
                Cause::Redis(fault) => f.member("details", object(|f| details(f, fault))),
                Cause::PoolsHidden => f.member("details", object(|_| ())),
            }
        });
        to_json(&object(|f| {
            f.member("success", false);
            f.member("error", &error);
            f.member("request_id", None::<&str>);
        }))
    }
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self { cause: Box::new(cause), is_market_empty: false }
    }
}

impl From<QuoteError> for Refusal {
    fn from(error: QuoteError) -> Self {
        Cause::Core(error).into()
    }
}

impl From<RedisFault> for Refusal {
    fn from(fault: RedisFault) -> Self {
        Cause::Redis(fault).into()
    }
}

/// Whether options alone are to blame: a field that cannot be, or fields that contradict each other.
fn is_usage(error: &QuoteError) -> bool {
    matches!(
        error,
        QuoteError::InvalidRequest { .. }
            | QuoteError::SameToken { .. }
            | QuoteError::AmountOverflow { field: Some(_), .. }
    )
}

fn details(f: &mut Object<'_>, fault: &RedisFault) {
    match fault.code() {
        "REDIS_UNAVAILABLE" => f.member("attempts", 1_u32),
        "REDIS_TIMEOUT" => f.member("deadline_ms", deadline_ms(fault)),
        "UPSTREAM_INVALID" => f.member("reason", fault.to_string()),
        "UPSTREAM_REFUSED" | "CLUSTER_UNSUPPORTED" => f.member("reason", fault.reason()),
        _ => {}
    }
}

fn deadline_ms(fault: &RedisFault) -> u64 {
    let deadline = match fault {
        RedisFault::Connect(_) => TIMEOUTS.connect,
        _ => TIMEOUTS.reply,
    };
    u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message(), self.code())
    }
}

impl std::error::Error for Refusal {}

/// The answer as `POST /quote` gives it.
///
/// # Errors
/// `ANSWER_TOO_LARGE`.
pub(crate) fn http_body(answer: &Answer) -> Result<String, Refusal> {
    Ok(answer.to_json_in_bounds(NumberStyle::Json)?)
}

#[cfg(test)]
mod tests {
    use dlmm_core::units::Symbol;

    use super::*;

    #[test]
    fn a_refusal_of_core_is_the_body_that_http_gives() {
        let refusal = Refusal::from(QuoteError::InsufficientLiquidity {
            requested: 5,
            fillable: 4,
            token: Symbol::new("BTC").unwrap(),
            decimals: Some(8),
            is_out: false,
            narrowed_by: Default::default(),
            warnings: Vec::new(),
        });
        assert_eq!(
            refusal.to_json(),
            r#"{"success":false,"error":{"code":"INSUFFICIENT_LIQUIDITY","message":"the pools take 0.00000004 BTC of 0.00000005 BTC","details":{"fillable":"4","requested":"5"}},"request_id":null}"#
        );
    }

    #[test]
    fn a_fault_of_redis_has_the_details_of_its_code() {
        let lost = Refusal::from(RedisFault::Lost { command: "MGET".to_owned() }).to_json();
        assert!(
            lost.contains(r#""code":"REDIS_UNAVAILABLE""#) && lost.contains(r#"{"attempts":1}"#),
            "{lost}"
        );
        let late = Refusal::from(RedisFault::NoAnswer { command: "MGET".to_owned() }).to_json();
        assert!(
            late.contains(r#""code":"REDIS_TIMEOUT""#) && late.contains(r#"{"deadline_ms":10000}"#),
            "{late}"
        );
    }
}
