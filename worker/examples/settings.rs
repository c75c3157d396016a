//! Prints the tables of settings as they stand in docs/configuration.md.

fn main() {
    print!("{}", dlmm_worker::config::settings::settings_markdown());
}
