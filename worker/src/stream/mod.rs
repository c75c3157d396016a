//! What streams have in common, whatever they tell: the subscription that wakes them ([`Ear`]), what was heard and not looked
//! at yet ([`Inbox`]), when they poll, beat and end ([`Pace`]), and how an event is written ([`event`]).

#[cfg(test)]
mod crowds;
mod ear;
mod event;
mod inbox;
mod lines;
mod message;
mod pace;
mod ticket;
mod work;

pub(crate) use ear::Ear;
pub(crate) use event::{BEAT, EventId, event, fingerprint, retry};
pub(crate) use inbox::Inbox;
pub(crate) use message::Changed;
#[cfg(test)]
pub(crate) use message::Message;
pub(crate) use pace::Pace;
pub(crate) use ticket::{TICKET, Ticket, covered};
pub(crate) use work::{FIRST_MS, WHOLE_SEARCH_MS, work_ms};
