//! Prints the tables of settings as they stand in the README.

fn main() {
    print!("{}", dlmm_worker::config::settings::settings_markdown());
}
