//! The market over a scripted Redis.
