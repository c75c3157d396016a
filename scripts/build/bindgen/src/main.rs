//! Writes the bindings of a wasm file, asked by those flags of `wasm-bindgen` that the builds here use.
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::Bindgen;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    /// A module that the platform has compiled: Workers.
    Module,
    /// A module that is told where its wasm file lies: the npm package.
    Web,
}

#[derive(Debug, Parser)]
#[command(name = "wasm-bindgen", version = wasm_bindgen_shared::version())]
struct Args {
    input: PathBuf,
    #[arg(long)]
    target: Target,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    /// What is done anyhow; wasm-pack says it.
    #[arg(long, conflicts_with = "no_typescript")]
    typescript: bool,
    #[arg(long)]
    no_typescript: bool,
    #[arg(long)]
    experimental_reset_state_function: bool,
    #[arg(long)]
    force_enable_abort_handler: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut bindgen = Bindgen::new();
    match args.target {
        Target::Module => bindgen.module(true)?,
        Target::Web => bindgen.web(true)?,
    };
    bindgen
        .input_path(&args.input)
        .out_name(&args.out_name)
        .typescript(!args.no_typescript)
        // As the command does unless it is told otherwise.
        .omit_default_module_path(false)
        .reset_state_function(args.experimental_reset_state_function)
        .force_enable_abort_handler(args.force_enable_abort_handler)
        .generate(&args.out_dir)
}
