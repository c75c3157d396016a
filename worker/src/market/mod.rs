//! The market as Redis holds it: which pools there are ([`listing`]), how far to read of them ([`reach`]), what is read
//! ([`read`], value by value in [`values`]), and the rounds of reading and quoting until each request has its answer
//! ([`rounds`]).
//!
//! All of it works on a [`LiveMarket`], which tests make from a scripted Redis.

pub mod copy;
mod known;
pub mod listing;
mod live;
pub mod reach;
pub mod read;
mod refusal;
mod room;
pub mod rounds;
pub mod sample;
mod tasks;
#[cfg(test)]
pub(crate) mod tests;
pub mod values;
pub(crate) mod watched;

pub use known::Known;
pub use live::{Background, LiveMarket, Task, Turn};
pub use refusal::Refusal;
pub(crate) use room::room;
pub use tasks::run;
