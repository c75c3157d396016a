//! What a follower says on standard output: a line a block on a terminal, JSON elsewhere.

use std::io::{self, IsTerminal};

use serde_json::{Value, json};

use super::block::Block;
use super::fault::Fault;
use super::follower::Taken;
use crate::clock::{now_ms, span};
use crate::output::{self, counted};

/// Tells what happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    for_people: bool,
    /// A line for every block.
    each_block: bool,
}

impl Report {
    /// Goes by whether somebody looks.
    pub(crate) fn new() -> Self {
        Self { for_people: io::stdout().is_terminal(), each_block: true }
    }

    /// The same, but of blocks only what somebody should know: recorded ones come by the thousand, and each is in the file.
    pub(crate) fn without_blocks(self) -> Self {
        Self { each_block: false, ..self }
    }

    /// What was taken from a file, when nothing more comes from it.
    pub(crate) fn recorded(self, name: &str, blocks: usize, before: usize, times: &str) {
        let passed = match before {
            0 => String::new(),
            before => format!("; {} before that were passed over", counted(before, "block")),
        };
        let message = format!("{name}: {times}{passed}");
        let json =
            json!({ "event": "recorded", "message": message, "blocks": blocks, "passed_over": before });
        self.say(&message, json);
    }

    /// One line that a starting script can wait for and read the port from; on standard error in words in any case.
    pub(crate) fn listening(self, url: &str) {
        let message = format!("listening on {url}");
        if !self.for_people {
            eprintln!("{message}");
        }
        self.say(&message, json!({ "event": "listening", "message": message, "url": url }));
    }

    pub(crate) fn polling(self, url: &str) {
        let message = format!("polling {url}");
        if !self.for_people {
            eprintln!("{message}");
        }
        self.say(&message, json!({ "event": "polling", "message": message, "url": url }));
    }

    pub(crate) fn block(self, block: &Block, taken: &Taken) {
        let lag_ms = now_ms().saturating_sub(block.time_ms);
        let Block { height, hash, .. } = block;
        match taken {
            Taken::Twice => self.say_of_block(
                &format!("block {height}  again"),
                json!({ "event": "repeat", "block_height": height, "index_block_hash": hash }),
            ),
            Taken::ReadAnew { tally, written } => {
                for note in &tally.notes {
                    self.warn(note);
                }
                let (pools, bins) = (counted(written.pools, "pool"), counted(written.bins, "bin"));
                self.say(
                    &format!(
                        "block {height}  read anew from the chain  {pools}, {bins}  {} behind",
                        span(lag_ms)
                    ),
                    json!({
                        "event": "read_anew", "block_height": height, "index_block_hash": hash,
                        "pools": written.pools, "bins": written.bins, "lag_ms": lag_ms,
                    }),
                );
            }
            Taken::Applied { undone, redone, tally, written } => {
                for note in &tally.notes {
                    self.warn(note);
                }
                if !self.each_block {
                    return;
                }
                let fork = if *undone > 0 { format!("  {undone} undone") } else { String::new() };
                let line = format!(
                    "block {height}  {}  {}, {}  {} behind{fork}",
                    counted(usize::try_from(tally.events).unwrap_or(usize::MAX), "event"),
                    counted(written.pools, "pool"),
                    counted(written.bins, "bin"),
                    span(lag_ms),
                );
                self.say(
                    &line,
                    json!({
                        "event": "block", "block_height": height, "index_block_hash": hash, "events": tally.events,
                        "events_left_out": tally.left_out, "events_unknown": tally.unknown, "pools": written.pools,
                        "bins": written.bins, "undone": undone, "redone": redone, "lag_ms": lag_ms,
                    }),
                );
            }
        }
    }

    pub(crate) fn fault(self, fault: &Fault) {
        let message = fault.to_string();
        self.say(
            &format!("not taken: {message}"),
            json!({ "event": "fault", "code": fault.code(), "message": message }),
        );
    }

    pub(crate) fn warn(self, text: &str) {
        self.say(&format!("warning: {text}"), json!({ "event": "warning", "message": text }));
    }

    fn say_of_block(self, line: &str, json: Value) {
        if self.each_block {
            self.say(line, json);
        }
    }

    /// Whether anybody still reads does not matter to the blocks.
    fn say(self, line: &str, json: Value) {
        let _ = if self.for_people { output::line(line) } else { output::line(&json.to_string()) };
    }
}
