//! `dlmm completions`

use std::io;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Options of `dlmm completions`.
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell that is to complete.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script of a shell.
pub(crate) fn run(args: &CompletionsArgs, mut cli: Command) -> anyhow::Result<()> {
    // Through memory, because the writer of the script would panic where nobody reads it to its end.
    let mut script = Vec::new();
    generate(args.shell, &mut cli, "dlmm", &mut script);
    Ok(io::Write::write_all(&mut io::stdout(), &script)?)
}
