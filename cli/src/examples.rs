//! Examples that the help of each command ends with.

use clap::Command;

/// Commands with lines that can be typed as they are, or nearly so.
const EXAMPLES: [(&str, &str); 13] = [
    (
        "completions",
        "dlmm completions bash > ~/.local/share/bash-completion/completions/dlmm
  dlmm completions zsh > ~/.zfunc/_dlmm
  dlmm completions fish > ~/.config/fish/completions/dlmm.fish",
    ),
    (
        "follow",
        "dlmm follow --core SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA.dlmm-core-v-1-1 --tokens tokens.json --listen 127.0.0.1:3700",
    ),
    (
        "gateway",
        "dlmm gateway --token secret
  dlmm gateway --token secret --listen 127.0.0.1:0 --redis redis://127.0.0.1:6379",
    ),
    (
        "man",
        "dlmm man --out ~/.local/share/man/man1
  dlmm man | man -l -",
    ),
    (
        "quote",
        "dlmm quote BTC USDC 1
  dlmm quote BTC USDC --amount-out 50000 --max-hops 2
  dlmm quote BTC USDC 1 --snapshot market.json --json
  dlmm quote --requests requests.jsonl",
    ),
    ("replay", "dlmm replay blocks.jsonl --rate 10 --now"),
    (
        "seed",
        "dlmm seed
  dlmm seed market.json
  dlmm seed --pools 2000 --seed 7",
    ),
    (
        "simulate",
        "dlmm simulate
  dlmm simulate --interval 0.5 --updates 100 --seed 7 --churn",
    ),
    (
        "snapshot",
        "dlmm snapshot market.json
  dlmm snapshot --pools BTC-USDC-25,BTC-USDC-50 > two-pools.json
  dlmm snapshot - | dlmm quote BTC USDC 1 --snapshot -",
    ),
    (
        "status",
        "dlmm status
  dlmm status --all
  dlmm status --watch 5",
    ),
    (
        "verify",
        "dlmm verify
  dlmm verify --strict --json",
    ),
    (
        "verify-quote",
        "dlmm verify-quote answer.json
  dlmm quote BTC USDC 1 --include-state --json | dlmm verify-quote - --snapshot market.json",
    ),
    (
        "watch",
        "dlmm watch BTC USDC 1
  dlmm watch BTC USDC 1 --json",
    ),
];

/// A first quote, from Redis and from a file; stands below the list of commands.
const FIRST_STEPS: &str = "dlmm quote BTC USDC 1 --redis redis://127.0.0.1:6379
  dlmm snapshot market.json
  dlmm quote BTC USDC 1 --snapshot market.json

The Redis of every command: --redis URL, or the setting REDIS_URL.";

/// The commands, each with its examples at the end of its help.
pub(crate) fn added_to(cli: Command) -> Command {
    let cli = cli.after_help(format!("Examples:\n  {FIRST_STEPS}"));
    EXAMPLES.into_iter().fold(cli, |cli, (name, lines)| {
        if cli.find_subcommand(name).is_none() {
            return cli;
        }
        cli.mut_subcommand(name, |command| {
            let before = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
            command.after_help(format!("{before}Examples:\n  {lines}"))
        })
    })
}
