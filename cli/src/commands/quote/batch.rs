//! Many requests: one body of `POST /quote` a line in, one response a line out.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use dlmm_core::api::request_from_json;

use super::market::Market;
use crate::input::is_standard;
use crate::market::{Refusal, http_body};
use crate::output;

/// Opens the file of requests; `-` is standard input.
pub(super) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if is_standard(path) {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Answers every line that is not blank, in order. A refusal is an answer too.
pub(super) async fn answer_all(market: &mut Market, mut requests: Box<dyn BufRead>) -> anyhow::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        // Lines are read as bytes, so that one that is not text does not end the batch.
        let length = requests.read_until(b'\n', &mut line).context("cannot read the requests")?;
        if length == 0 {
            return Ok(());
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer(market, &line).await.unwrap_or_else(|refusal| refusal.to_json());
        output::line(&answer)?;
    }
}

async fn answer(market: &mut Market, line: &[u8]) -> Result<String, Refusal> {
    let body = std::str::from_utf8(line).map_err(|_| Refusal::not_utf8())?;
    http_body(&market.answer(&request_from_json(body)?).await?)
}
