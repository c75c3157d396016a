//! `--include-steps false` as it is meant: the value of a flag stands behind `=`, because what stands behind a flag may be a
//! token.

use std::env;

use clap::error::{ContextKind, ContextValue, Error};

use crate::request_flags::is_flag;

/// Says how it is meant where the call has a flag and behind it a value; else `None`.
pub(crate) fn meant() -> Option<String> {
    // What is no text is no flag.
    let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    in_words(&words)
}

/// The same below a mistake that clap has found.
pub(crate) fn told_below(mut error: Error) -> Error {
    if let Some(meant) = meant().filter(|_| error.use_stderr()) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![meant.into()]));
    }
    error
}

fn in_words(words: &[String]) -> Option<String> {
    words.windows(2).find_map(|pair| match pair {
        [flag, value] if matches!(value.as_str(), "true" | "false") => {
            flag.strip_prefix("--").filter(|name| is_flag(name))?;
            Some(format!("the value of a flag stands behind '=': {flag}={value}"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_behind_a_flag_is_met_with_how_it_is_written() {
        let told = |call: &str| in_words(&shlex::split(call).unwrap());
        let tip = |flag: &str| Some(format!("the value of a flag stands behind '=': {flag}"));
        assert_eq!(told("dlmm quote BTC USDC 1 --include-steps false"), tip("--include-steps=false"));
        assert_eq!(told("dlmm quote --strict true BTC USDC 1"), tip("--strict=true"));
        assert_eq!(told("dlmm quote BTC USDC 1 --plan-fee-exempt true"), tip("--plan-fee-exempt=true"));
        for call in
            ["BTC USDC 1 --include-steps=false", "--strict BTC USDC 1", "--token-in true", "--json true"]
        {
            assert_eq!(told(&format!("dlmm quote {call}")), None, "{call}");
        }
    }
}
