//! `dlmm verify-quote`

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dlmm_core::error::QuoteError;
use dlmm_core::wire::{Difference, Verification, verify_quote};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::output;
use crate::usage::UsageError;

/// What the process ends with when an answer is not what its input gives.
const DIFFERS: u8 = 1;
/// What the process ends with when a text is no quote with its input.
const UNREADABLE: u8 = 2;

/// Printed below the options.
const AFTER_HELP: &str = "\
It is a check, not a signature: it shows that the numbers follow from the state in the answer, not where that
state comes from. Ends with 0 if every answer is equal, 1 if one differs, 2 if one cannot be checked.";

/// Options of `dlmm verify-quote`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct VerifyQuoteArgs {
    /// File with an answer that was asked for with `include_state`, or with several, one after another, or with a whole
    /// answer of `POST /quotes`; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Checks every answer of the file.
pub(crate) fn run(args: &VerifyQuoteArgs) -> anyhow::Result<ExitCode> {
    let text = read(&args.file)?;
    let answers = answers(&text)?;
    let answers = answers.into_iter().map(answers_of_batch).collect::<Result<Vec<_>, _>>()?.concat();
    let (mut equal, mut differing, mut unreadable) = (0_usize, 0_usize, 0_usize);
    for (index, answer) in answers.iter().enumerate() {
        // A single answer needs no number.
        let number = if answers.len() > 1 { format!("{}: ", index + 1) } else { String::new() };
        let outcome = verify_quote(answer);
        match &outcome {
            Ok(verification) if verification.is_equal() => equal += 1,
            Ok(_) => differing += 1,
            Err(_) => unreadable += 1,
        }
        match outcome {
            Ok(verification) => output::line(&format!("{number}{}", told(&verification)))?,
            Err(refusal) => eprintln!("dlmm: {number}{}", sentence(&refusal)),
        }
    }
    if answers.len() > 1 {
        output::line(&format!(
            "{} answers: {equal} equal, {differing} different, {unreadable} not checked",
            answers.len()
        ))?;
    }
    Ok(match (unreadable, differing) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(DIFFERS),
        _ => ExitCode::from(UNREADABLE),
    })
}

fn read(path: &Path) -> Result<String, UsageError> {
    let mut bytes = Vec::new();
    let outcome = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    outcome.map_err(|e| UsageError(format!("cannot read {}: {e}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| UsageError(format!("{} is not UTF-8", path.display())))
}

/// The JSON documents of a text, with or without line ends in and between them.
fn answers(text: &str) -> Result<Vec<&str>, UsageError> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let answers: Result<Vec<_>, _> = documents.map(|raw| raw.map(RawValue::get)).collect();
    match answers {
        Ok(answers) if answers.is_empty() => Err(UsageError("there is no answer to check".to_owned())),
        Ok(answers) => Ok(answers),
        Err(e) => Err(UsageError(format!("this is not JSON: {e}"))),
    }
}

/// A document of `POST /quotes` as its answers, each with its own state; any other one as it is.
fn answers_of_batch(document: &str) -> Result<Vec<String>, UsageError> {
    let unfit = |e: serde_json::Error| UsageError(format!("this is no answer of POST /quotes: {e}"));
    let Ok(Batch { answers, states }) = serde_json::from_str(document) else {
        return Ok(vec![document.to_owned()]);
    };
    let whole = answers.into_iter().map(|answer| match serde_json::from_str(answer.get()) {
        Ok(fields) => with_input(fields, &states),
        Err(_) => Ok(answer.get().to_owned()),
    });
    whole.collect::<Result<_, _>>().map_err(unfit)
}

/// An answer of `POST /quotes` that may have `states`; other fields do not matter here.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    answers: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    states: Vec<SharedState<'a>>,
}

#[derive(Deserialize)]
struct SharedState<'a> {
    #[serde(borrow)]
    pools: Vec<&'a RawValue>,
}

/// The fields of a JSON object by name, each as its own text.
type Fields<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// Puts the state that an answer refers to into the answer.
fn with_input(mut answer: Fields<'_>, states: &[SharedState<'_>]) -> Result<String, serde_json::Error> {
    if let Some(reference) = answer.remove("input_ref") {
        let mut input: Fields<'_> = serde_json::from_str(reference.get())?;
        let read = |field: &str, input: &Fields<'_>| input.get(field).map(|raw| raw.get().to_owned());
        let state: usize = serde_json::from_str(&read("state", &input).unwrap_or_default())?;
        let places: Vec<usize> = serde_json::from_str(&read("pools", &input).unwrap_or_default())?;
        let missing = || serde::de::Error::custom("input_ref names a state or pool that is not there");
        let state = states.get(state).ok_or_else(missing)?;
        let pools: Option<Vec<_>> = places.iter().map(|place| state.pools.get(*place)).collect();
        let pools = serde_json::to_string(&pools.ok_or_else(missing)?)?;
        input.remove("state");
        input.insert("pools".into(), Cow::Owned(RawValue::from_string(pools)?));
        let input = RawValue::from_string(serde_json::to_string(&input)?)?;
        answer.insert("input".into(), Cow::Owned(input));
    }
    serde_json::to_string(&answer)
}

fn told(verification: &Verification) -> String {
    if verification.is_equal() {
        return "equal".to_owned();
    }
    let mut text = "different".to_owned();
    for Difference { path, given, computed } in &verification.differences {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        // Writing to a text does not fail.
        let _ = write!(text, "\n  {path}: given {}, computed {}", shown(given), shown(computed));
    }
    if !verification.digest_matches {
        text.push_str("\n  digest: not that of this answer");
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
    fn an_answer_of_a_batch_gets_the_state_it_refers_to() {
        let batch = r#"{"answers":[{"success":true,"input_ref":{"format":"f","pools":[1,0],"request":{"pools":null},"state":0}},{"success":false},{"input":{}}],
            "states":[{"pools":[{"pool_id":"A","n":1.50},{"pool_id":"B"}]}],"request_id":"r"}"#;
        assert_eq!(
            answers_of_batch(batch).unwrap(),
            [
                r#"{"input":{"format":"f","pools":[{"pool_id":"B"},{"pool_id":"A","n":1.50}],"request":{"pools":null}},"success":true}"#,
                r#"{"success":false}"#,
                r#"{"input":{}}"#,
            ]
        );
        assert_eq!(answers_of_batch(r#"{"success":true}"#).unwrap(), [r#"{"success":true}"#]);
        assert!(
            answers_of_batch(&batch.replace("[1,0]", "[2]")).unwrap_err().to_string().contains("not there")
        );
    }

    #[test]
    fn says_what_differs() {
        let difference = Difference {
            path: "routes[0].amount_in_atomic".to_owned(),
            given: Some("\"5\"".to_owned()),
            computed: None,
        };
        let verification = Verification { digest_matches: false, differences: vec![difference] };
        assert_eq!(
            told(&verification),
            "different\n  routes[0].amount_in_atomic: given \"5\", computed nothing\n  digest: not that of this answer"
        );
        let equal = Verification { digest_matches: true, differences: Vec::new() };
        assert_eq!(told(&equal), "equal");
    }
}
