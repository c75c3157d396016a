//! `dlmm verify-quote`

mod batch;
mod own_state;
mod service;

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dlmm_core::api::request_from_json;
use dlmm_core::error::QuoteError;
use dlmm_core::json::without_mark;
use dlmm_core::quote::QuoteRequest;
use dlmm_core::verify::{Difference, Own, Verification, verify_quote_against};
use serde_json::value::RawValue;

use self::batch::{answers_of_batch, is_without_its_batch};
use self::own_state::{OwnState, read_at_ms, request_in};
use self::service::Service;
use crate::input;
use crate::output;
use crate::progress;
use crate::quote_settings::{self, CandidateLimit, Router, WarnAge};
use crate::redis::target::RedisTarget;
use crate::usage::UsageError;

/// What the process ends with when an answer is not what its input gives.
const DIFFERS: u8 = 1;
/// What the process ends with when a text is not a quote with its input.
const UNREADABLE: u8 = 2;
/// What the process ends with when the state has moved on since, so that nothing more can be said.
const MOVED: u8 = 3;

/// The fee of pools that name none where a service is not told another.
const USUAL_FEE_BPS: u16 = 10;

/// What is said of a file that belongs behind another option.
const A_SNAPSHOT: &str = "this is a snapshot, not an answer: give an answer that was asked for with include_state \
     (dlmm quote … --include-state --json), and this file as --snapshot to compare it with";

/// What is said of an answer that was taken out of its batch.
const OF_A_BATCH: &str = "this is one answer of a batch with share_state (it has input_ref): its state stands in that \
     batch, so give the whole batch";

/// Printed below the options.
const AFTER_HELP: &str = "\
This is a check, not a signature. Without further options it shows that the numbers follow from the input in the answer,
whatever that input says: a pool or a bin may have been left out, and the default fee or decimals may be false. With
--request the answer must be to your request. With --snapshot or --redis every candidate pool and bin must be in the
input and hold what your state holds, decimals and fees included, and your state must give the same amounts.
With --service the default fee, the router of plans, and the decimals of the tokens it lists, must be what that service
says of itself. What stands below a verdict as not proven decides something of the answer, and nothing compared it.

Exit codes: 0 if every answer is equal, 1 if one differs, 2 if one cannot be checked, or what it is to be checked against
cannot be read, 3 if a pool was written since (by its own last_updated), removed or created, so that the state of the answer
is gone and nothing can be compared: ask again.";

/// Options of `dlmm verify-quote`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct VerifyQuoteArgs {
    /// File with an answer that was asked for with `include_state`, with several of them one after another, or with a
    /// whole answer of `POST /quotes`; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// File with your own request, a body of POST /quote (`-`: standard input): every answer must be to it.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,

    /// Snapshot that you took yourself (`-`: standard input): every answer must be made from its state.
    #[arg(long, value_name = "FILE", conflicts_with = "redis")]
    snapshot: Option<PathBuf>,

    /// Redis that you trust: every answer must be made from what it holds now. REDIS_URL is not used for this.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,

    /// Address of the service that is to have given the answers: its /health says the fee of pools that name none and how
    /// many pools a quote looks at, its /tokens says decimals.
    #[arg(long, value_name = "URL", conflicts_with = "default_fee_bps")]
    service: Option<String>,

    /// A key of that service, where it wants one for /tokens.
    #[arg(long, value_name = "KEY", env = "DLMM_API_KEY", hide_env_values = true)]
    api_key: Option<String>,

    /// The service's DEFAULT_FEE_BPS, where it cannot be asked; 10 if absent and --redis is given without --service.
    #[arg(long, value_name = "BPS", value_parser = quote_settings::fee)]
    default_fee_bps: Option<u16>,

    #[command(flatten)]
    candidates: CandidateLimit,

    #[command(flatten)]
    router: Router,

    #[command(flatten)]
    warn_age: WarnAge,
}

/// Checks every answer of the file.
pub(crate) async fn run(args: &VerifyQuoteArgs) -> anyhow::Result<ExitCode> {
    match check(args).await {
        // Whatever stood in the way, no answer was found to be wrong.
        Err(error) if !output::is_broken_pipe(&error) => {
            progress::end();
            eprintln!("dlmm: {error:#}");
            Ok(ExitCode::from(UNREADABLE))
        }
        outcome => outcome,
    }
}

async fn check(args: &VerifyQuoteArgs) -> anyhow::Result<ExitCode> {
    let files = [Some(&args.file), args.request.as_ref(), args.snapshot.as_ref()];
    input::one_reader(files.map(|file| file.map(PathBuf::as_path)))?;
    progress::show();
    let text = read(&args.file)?;
    let answers = answers(&text)?;
    let answers = answers.into_iter().map(answers_of_batch).collect::<Result<Vec<_>, _>>()?.concat();
    let request = args.request.as_deref().map(own_request).transpose()?;
    let service = match &args.service {
        Some(address) => Some(Service::ask(address, args.api_key.as_deref()).await?),
        None => None,
    };
    let mut state = own_state(args, service.as_ref()).await?;
    let stated_fee = args.default_fee_bps.or(service.as_ref().map(|service| service.default_fee_bps));
    let default_fee_bps = stated_fee.or(args.redis.as_ref().map(|_| USUAL_FEE_BPS));
    let mut counts = Counts::default();
    let told_router = service.as_ref().and_then(|service| service.router.as_deref());
    let router = args.router.principal().or(told_router);
    for (index, (answer, batch)) in answers.iter().enumerate() {
        if let Some(state) = &mut state
            && let Some(request) = request.clone().or_else(|| request_in(answer))
        {
            state.read(&request, read_at_ms(answer)).await?;
        }
        let market = state.as_mut().map(|state| &mut state.market);
        let own = Own { request: request.as_ref(), market, default_fee_bps, router, batch: *batch };
        let mut outcome = verify_quote_against(answer, own);
        if let (Some(service), Ok(verification)) = (&service, &mut outcome) {
            service.compare_decimals(answer, verification);
        }
        counts.add(&outcome);
        // A single answer needs no number.
        let number = if answers.len() > 1 { format!("{}: ", index + 1) } else { String::new() };
        match outcome {
            Ok(verification) => output::line(&format!("{number}{}", told(&verification)))?,
            Err(_) if is_snapshot(answer) => progress::note(&format!("{number}{A_SNAPSHOT}")),
            Err(_) if is_without_its_batch(answer) => progress::note(&format!("{number}{OF_A_BATCH}")),
            Err(refusal) => progress::note(&format!("{number}{}", sentence(&refusal))),
        }
    }
    if answers.len() > 1 {
        output::line(&counts.told(state.is_some()))?;
    }
    Ok(counts.exit_code())
}

/// What became of the answers.
#[derive(Default)]
struct Counts {
    equal: usize,
    different: usize,
    moved: usize,
    unreadable: usize,
}

impl Counts {
    fn add(&mut self, outcome: &Result<Verification, QuoteError>) {
        let count = match outcome {
            Ok(verification) if verification.is_equal() => &mut self.equal,
            Ok(verification) if verification.is_different() => &mut self.different,
            Ok(_) => &mut self.moved,
            Err(_) => &mut self.unreadable,
        };
        *count += 1;
    }

    fn told(&self, with_state: bool) -> String {
        let Self { equal, different, moved, unreadable } = self;
        let all = equal + different + moved + unreadable;
        let moved = if with_state { format!("{moved} moved since, ") } else { String::new() };
        format!("{all} answers: {equal} equal, {different} different, {moved}{unreadable} not checked")
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self { unreadable: 1.., .. } => ExitCode::from(UNREADABLE),
            Self { different: 1.., .. } => ExitCode::from(DIFFERS),
            Self { moved: 1.., .. } => ExitCode::from(MOVED),
            _ => ExitCode::SUCCESS,
        }
    }
}

fn own_request(path: &Path) -> anyhow::Result<QuoteRequest> {
    let refused = |e| UsageError(format!("{}: {}", input::name(path), sentence(&e)));
    Ok(request_from_json(&read(path)?).map_err(refused)?)
}

async fn own_state(args: &VerifyQuoteArgs, service: Option<&Service>) -> anyhow::Result<Option<OwnState>> {
    let own = (args.default_fee_bps.unwrap_or(USUAL_FEE_BPS), args.candidates.max_candidate_pools);
    let told = service.map(|service| (service.default_fee_bps, service.max_candidate_pools));
    let (fee_bps, max_pools) = told.unwrap_or(own);
    let mut state = match (&args.snapshot, &args.redis) {
        (Some(path), _) => OwnState::of_snapshot(path, fee_bps, max_pools)?,
        (None, Some(url)) => OwnState::of_redis(&RedisTarget::of_url(url)?, fee_bps, max_pools).await?,
        (None, None) => return Ok(None),
    };
    let told = service.and_then(|service| service.warn_age).filter(|_| !args.warn_age.is_given());
    state.market.set_warn_age(told.unwrap_or_else(|| args.warn_age.limit()));
    Ok(Some(state))
}

fn read(path: &Path) -> Result<String, UsageError> {
    let name = || input::name(path);
    input::read(path).map_err(|e| match e.kind() {
        io::ErrorKind::InvalidData => UsageError(format!("{} is not UTF-8", name())),
        _ => UsageError(format!("cannot read {}: {e}", name())),
    })
}

/// The JSON documents of a text, with or without line ends in and between them.
fn answers(text: &str) -> Result<Vec<&str>, UsageError> {
    let documents = serde_json::Deserializer::from_str(without_mark(text)).into_iter::<&RawValue>();
    let answers: Result<Vec<_>, _> = documents.map(|raw| raw.map(RawValue::get)).collect();
    match answers {
        Ok(answers) if answers.is_empty() => Err(UsageError("there is no answer to check".to_owned())),
        Ok(answers) => Ok(answers),
        Err(e) => Err(UsageError(format!("this is not JSON: {e}"))),
    }
}

/// Whether a document is a snapshot.
fn is_snapshot(document: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
    }
    serde_json::from_str::<Head>(document).is_ok_and(|head| head.format.starts_with("dlmm-snapshot/"))
}

fn told(verification: &Verification) -> String {
    let verdict = match verification {
        _ if verification.is_equal() => "equal",
        _ if verification.is_different() => "different",
        _ => "moved",
    };
    let mut text = verdict.to_owned();
    for Difference { path, given, computed } in &verification.differences {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        // Writing to a text does not fail.
        let _ = write!(text, "\n  {path}: given {}, computed {}", shown(given), shown(computed));
    }
    if !verification.digest_matches {
        text.push_str("\n  digest: not that of this answer");
    }
    for Difference { path, given, computed } in &verification.moved {
        let why = match (given, computed) {
            (Some(_), None) => "is not there in your state: removed between the two readings, or never there",
            (None, Some(_)) => "is not there in the answer: created or removed between the two readings",
            _ => "was written since, so that the answer cannot be compared with it",
        };
        let _ = write!(text, "\n  {path}: {why}");
    }
    for Difference { path, given, .. } in &verification.unproven {
        let given = given.as_deref().unwrap_or("nothing");
        let _ = write!(text, "\n  {path}: given {given}, not proven: the answer alone says so");
    }
    text
}

fn sentence(refusal: &QuoteError) -> String {
    format!("{refusal} ({})", refusal.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_one_answer_or_several() {
        assert_eq!(answers("{\n \"a\": 1\n}\n").unwrap(), ["{\n \"a\": 1\n}"]);
        assert_eq!(answers("{}\n{}{}\n\n").unwrap().len(), 3);
        assert_eq!(answers(" \n").unwrap_err().to_string(), "there is no answer to check");
        assert!(answers("{} {").unwrap_err().to_string().starts_with("this is not JSON"));
    }

    #[test]
    fn says_what_differs() {
        let difference = Difference {
            path: "routes[0].amount_in_atomic".to_owned(),
            given: Some("\"5\"".to_owned()),
            computed: None,
        };
        let verification = Verification {
            digest_matches: false,
            differences: vec![difference],
            moved: Vec::new(),
            unproven: Vec::new(),
        };
        assert_eq!(
            told(&verification),
            "different\n  routes[0].amount_in_atomic: given \"5\", computed nothing\n  digest: not that of this answer"
        );
        let mut equal = Verification {
            digest_matches: true,
            differences: Vec::new(),
            moved: Vec::new(),
            unproven: Vec::new(),
        };
        assert_eq!(told(&equal), "equal");
        equal.moved.push(Difference { path: "pool:P".to_owned(), given: None, computed: None });
        assert_eq!(
            told(&equal),
            "moved\n  pool:P: was written since, so that the answer cannot be compared with it"
        );
    }
}
