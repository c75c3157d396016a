//! `dlmm man`

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;

use crate::input::is_standard;
use crate::output::{self, counted};

/// Options of `dlmm man`.
#[derive(Args)]
pub(crate) struct ManArgs {
    /// Folder that gets a page for every command, dlmm.1, dlmm-quote.1 and so on; `-`, or nothing at all, prints dlmm.1.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Writes the pages, or prints the first.
pub(crate) fn run(args: &ManArgs, cli: Command) -> anyhow::Result<()> {
    let Some(folder) = args.out.as_deref().filter(|path| !is_standard(path)) else {
        let mut page = Vec::new();
        Man::new(cli).render(&mut page)?;
        return Ok(io::stdout().write_all(&page)?);
    };
    let pages = write_all(cli, folder).with_context(|| format!("cannot write to {}", folder.display()))?;
    Ok(output::line(&format!("wrote {} to {}", counted(pages, "page"), folder.display()))?)
}

fn write_all(cli: Command, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let commands: Vec<Command> = cli.get_subcommands().cloned().collect();
    let version = cli.get_version().unwrap_or_default().to_owned();
    let page = |command: Command| {
        let man = Man::new(command.version(version.clone()));
        man.render(&mut fs::File::create(folder.join(man.get_filename()))?)
    };
    let count = commands.len() + 1;
    for command in commands {
        let name = format!("dlmm-{}", command.get_name());
        // Called as on the command line, filed as man wants it.
        page(command.bin_name(name.replacen('-', " ", 1)).display_name(name))?;
    }
    page(cli)?;
    Ok(count)
}
