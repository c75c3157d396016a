//! `dlmm replay`

use std::borrow::Cow;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde_json::value::RawValue;
use ureq::Agent;

use crate::block_times::BlockTimes;
use crate::clock::now_ms;
use crate::input;
use crate::output::{self, counted};
use crate::progress;

/// For one block, large ones included.
const DEADLINE: Duration = Duration::from_secs(120);
/// Time between two attempts at a block that is not taken, as a node waits.
const RETRY: Duration = Duration::from_millis(500);

/// Options of `dlmm replay`.
#[derive(Args)]
pub(crate) struct ReplayArgs {
    /// Blocks as a node posts them to /new_block, one a line (`-`: standard input).
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where `dlmm follow` listens.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3700")]
    to: String,

    /// Blocks in a second, fractions allowed; 0: as fast as they are taken.
    #[arg(long, value_name = "BLOCKS", default_value_t = 1.0, value_parser = rate)]
    rate: f64,

    /// Give each block the time at which it is posted instead of its own.
    #[arg(long)]
    now: bool,

    /// Attempts at a block that is not taken, half a second apart, before the replay ends.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    attempts: u32,
}

/// Posts every block in order; each is posted again until it is taken, as a node does.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let name = input::name(&args.file);
    let text = input::read(&args.file).with_context(|| format!("cannot read {name}"))?;
    let url = format!("{}/new_block", args.to.trim_end_matches('/'));
    let agent: Agent =
        Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).build().into();
    let pause = if args.rate > 0.0 { Duration::from_secs_f64(1.0 / args.rate) } else { Duration::ZERO };
    let blocks = text.lines().filter(|line| !line.trim().is_empty()).count();
    output::line(&format!("posting {} to {url}", counted(blocks, "block")))?;
    progress::show();
    progress::phase("posting blocks", Some(blocks));
    let started = Instant::now();
    let mut taken = BlockTimes::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let due = pause.saturating_mul(u32::try_from(taken.len()).unwrap_or(u32::MAX));
        sleep(due.saturating_sub(started.elapsed()));
        let block =
            if args.now { stamped(line, now_ms() / 1_000).map(Cow::Owned) } else { Ok(Cow::Borrowed(line)) };
        let block = block.with_context(|| format!("{name}, line {}", at + 1))?;
        anyhow::ensure!(
            is_object(line),
            "{name}, line {}: a block is a JSON object on a line of its own",
            at + 1
        );
        let sent = Instant::now();
        post(&agent, &url, &block, args.attempts).with_context(|| format!("{name}, line {}", at + 1))?;
        taken.add(sent.elapsed());
        progress::add(1);
    }
    output::line(&taken.told(started.elapsed()))?;
    if taken.len() == 0 {
        return Ok(());
    }
    output::line(
        "that was the last block: the follower's heartbeat stands still until the next one, so quotes warn of old state (STATE_OLD) from a minute on",
    )?;
    Ok(())
}

fn post(agent: &Agent, url: &str, block: &str, attempts: u32) -> anyhow::Result<()> {
    let mut said = String::new();
    for attempt in 0..attempts {
        if attempt > 0 {
            sleep(RETRY);
        }
        match agent.post(url).header("content-type", "application/json").send(block) {
            Ok(response) if response.status() == 200 => return Ok(()),
            Ok(mut response) => {
                let status = response.status();
                let body = response.body_mut().read_to_string().unwrap_or_default();
                said = format!("{status}: {body}");
                // A block that is none does not become one by waiting.
                if status.is_client_error() {
                    break;
                }
            }
            Err(error) => {
                said = error.to_string();
                if attempt == 0 && attempts > 1 {
                    progress::note(&format!("{url} does not answer ({said}); it is tried {attempts} times"));
                }
            }
        }
    }
    anyhow::bail!("the block was not taken: {said}")
}

/// Whether it may be a block; all else of it the follower reads.
fn is_object(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('{') && line.ends_with('}')
}

/// The block with another time; all else stays to the letter.
fn stamped(line: &str, seconds: u64) -> anyhow::Result<String> {
    let mut fields: indexmap::IndexMap<String, Box<RawValue>> =
        serde_json::from_str(line).context("not a JSON object")?;
    for name in ["block_time", "burn_block_time"] {
        fields.insert(name.to_owned(), RawValue::from_string(seconds.to_string())?);
    }
    Ok(serde_json::to_string(&fields)?)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1_000_000.0).contains(rate));
    rate.ok_or_else(|| "must be a number from 0 to 1000000".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn only_the_time_of_a_block_changes() {
        let line = r#"{"block_height":1,"block_time":5,"events":[{"raw_value":"0x01","n":1.50}]}"#;
        assert_eq!(
            stamped(line, 9).unwrap(),
            r#"{"block_height":1,"block_time":9,"events":[{"raw_value":"0x01","n":1.50}],"burn_block_time":9}"#
        );
        assert!(stamped("[]", 9).is_err());
        let fields: Map<String, Value> = serde_json::from_str(&stamped("{}", 9).unwrap()).unwrap();
        assert_eq!(fields.len(), 2);
    }

    #[test]
    fn rates_may_be_fractions_and_nought() {
        assert_eq!((rate("0"), rate("0.5")), (Ok(0.0), Ok(0.5)));
        assert!(rate("-1").is_err() && rate("NaN").is_err());
    }
}
