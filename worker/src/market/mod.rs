//! The market as Redis holds it: which pools there are ([`listing`]), how far to read of them ([`reach`]), what is read
//! ([`read`], value by value in [`values`]), and the rounds of reading and quoting until each request has its answer ([`rounds`]).

pub mod copy;
pub mod listing;
pub mod reach;
pub mod read;
pub mod rounds;
pub mod sample;
pub mod values;
