//! `dlmm verify-quote`

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dlmm_core::error::QuoteError;
use dlmm_core::wire::{Difference, Verification, verify_quote, without_mark};
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
    /// File with an answer that was asked for with `include_state`, or with several, one after another; `-` is
    /// standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Checks every answer of the file.
pub(crate) fn run(args: &VerifyQuoteArgs) -> anyhow::Result<ExitCode> {
    let text = read(&args.file)?;
    let answers = answers(&text)?;
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
    let documents = serde_json::Deserializer::from_str(without_mark(text)).into_iter::<&RawValue>();
    let answers: Result<Vec<_>, _> = documents.map(|raw| raw.map(RawValue::get)).collect();
    match answers {
        Ok(answers) if answers.is_empty() => Err(UsageError("there is no answer to check".to_owned())),
        Ok(answers) => Ok(answers),
        Err(e) => Err(UsageError(format!("this is not JSON: {e}"))),
    }
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
