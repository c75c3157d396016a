//! The quote request as HTTP and the command line write it.

use super::fields::{FIELDS, MAX_NAMES, Place, PlanPart, RequestField};
use crate::clarity::Principal;
use crate::error::{QuoteError, did_you_mean};
use crate::gather::Gather;
use crate::json::JsonText;
use crate::json::field;
use crate::json::without_mark;
use crate::math::Decimal;
use crate::network::similar::similar;
use crate::quote::{AmountText, Mode, PlanAsk, PlanMode, QuoteRequest};
use crate::sorted::SortedSet;
use crate::units::{PoolId, Symbol};
use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The value of one request field.
#[derive(Clone, Copy, Debug)]
pub enum FieldValue<'a> {
    /// A JSON value, from a body.
    Json(JsonText<'a>),
    /// Plain text, from a query string or the command line; a list is separated by commas, or given name by name.
    Text(&'a str),
}

/// Reads a request from the JSON text of a body.
///
/// # Errors
/// `INVALID_REQUEST` naming the field (`body` where it is not a JSON object); `AMOUNT_OVERFLOW`.
pub fn request_from_json(body: &str) -> Result<QuoteRequest, QuoteError> {
    request_of_place("body", body)
}

/// As [`request_from_json`], of a text that is no body and has another name.
///
/// # Errors
/// As [`request_from_json`], with that name for `body`.
pub fn request_of_place(place: &str, text: &str) -> Result<QuoteRequest, QuoteError> {
    let text = without_mark(text);
    match field::entries(text) {
        Ok(fields) => request_from_fields(fields.iter().map(|(name, raw)| (&**name, FieldValue::Json(*raw)))),
        Err(_) if text.trim().is_empty() => Err(*invalid(place, "is empty: a JSON object is expected")),
        Err(e) => Err(*invalid(place, &format!("is not a JSON object: {e}"))),
    }
}

/// Reads a request from its fields; unknown and repeated ones are refused, JSON `null` counts as not given.
///
/// A list that is given as text may be repeated (`pools=A&pools=B`): most clients of HTTP write one so.
///
/// # Errors
/// `INVALID_REQUEST` naming the field; `AMOUNT_OVERFLOW`.
pub fn request_from_fields<'a>(
    fields: impl IntoIterator<Item = (&'a str, FieldValue<'a>)>,
) -> Result<QuoteRequest, QuoteError> {
    let mut given: Vec<(&str, FieldValue<'a>)> = Vec::new();
    for (name, value) in fields {
        // Objects are for bodies, their fields on their own for query strings and the command line.
        let belongs = |place: &Place| {
            let is_text = matches!(value, FieldValue::Text(_));
            !matches!((place, is_text), (Place::Plan, true) | (Place::PlanPart(_), false))
        };
        let Some(field) = FIELDS.iter().find(|field| field.name == name && belongs(&field.place)) else {
            let shown: String = name.chars().take(64).collect();
            let fields = FIELDS.iter().filter(|field| belongs(&field.place));
            let names: Vec<&str> = fields.map(|field| field.name).gather();
            let meant = similar(&shown, &|at| names.get(at).copied());
            return Err(*invalid(
                &shown,
                &format!("is not a field of a quote request{}", did_you_mean(&meant)),
            ));
        };
        let is_text_list =
            matches!((&field.place, value), (Place::Pools(_) | Place::Tokens(_), FieldValue::Text(_)));
        if !is_text_list && given.iter().any(|(other, _)| *other == name) {
            return Err(*invalid(name, "is given twice"));
        }
        given.push((name, value));
    }
    given.retain(|(_, value)| !matches!(value, FieldValue::Json(raw) if raw.is_null()));
    Form { given }.read().map_err(|refusal| *refusal)
}

struct Form<'a> {
    /// A dozen fields at most, so that looking through them is as fast as any map.
    given: Vec<(&'a str, FieldValue<'a>)>,
}

impl<'a> Form<'a> {
    fn get(&self, name: &str) -> Option<FieldValue<'a>> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    /// Every text that is given under one name.
    fn texts(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let same = self.given.iter().filter(move |(given, _)| *given == name);
        same.filter_map(|(_, value)| if let FieldValue::Text(text) = value { Some(*text) } else { None })
    }

    fn read(&self) -> Result<QuoteRequest, Box<QuoteError>> {
        let token_in = self.symbol("token_in")?;
        let token_out = self.symbol("token_out")?;
        if token_in == token_out {
            return Err(Box::new(QuoteError::SameToken { token: token_in }));
        }
        let (mode, amount) = self.amount()?;
        let mut request = QuoteRequest::new(token_in, token_out, mode, amount);
        for field in &FIELDS {
            self.take(field, &mut request)?;
        }
        Ok(request)
    }

    /// Puts the value of a field in its place, if it is given. Tokens and the amount are there already.
    fn take(
        &self,
        RequestField { name, place }: &RequestField,
        request: &mut QuoteRequest,
    ) -> Result<(), Box<QuoteError>> {
        match place {
            Place::Token(_) | Place::Human(_) | Place::Atomic(_) => {}
            Place::Small(at, min, max) => {
                let number = self.whole(name, (*min).into(), (*max).into())?;
                put(at(request), number.map(|number| u8::try_from(number).unwrap_or(*max)));
            }
            Place::Number(at, min, max) => put(at(request), self.whole(name, *min, *max)?),
            Place::Milliseconds(at) => {
                *at(request) = self.long(name, "must be a whole number of milliseconds")?
            }
            Place::Height(at) => *at(request) = self.long(name, "must be a whole number")?,
            Place::Flag(at) => put(at(request), self.boolean(name)?),
            Place::DirectOnly => {
                put(&mut request.max_hops, self.boolean(name)?.filter(|only| *only).map(|_| 1))
            }
            Place::Pools(at) => put(at(request), self.names(name, PoolId::new)?),
            Place::Tokens(at) => *at(request) = self.names(name, Symbol::new)?,
            Place::Limit(at, min, max) => *at(request) = self.whole(name, *min, *max)?,
            Place::Plan => request.plan = self.plan(name)?,
            Place::PlanPart(_) => {}
        }
        Ok(())
    }

    /// The plan that is asked for, in one object or in fields of their own.
    fn plan(&self, name: &str) -> Result<Option<PlanAsk>, Box<QuoteError>> {
        let Some(FieldValue::Json(raw)) = self.get(name) else {
            let any = PLAN_PARTS.into_iter().any(|name| self.get(name).is_some());
            return any.then(|| plan_in(self, PLAN_PARTS)).transpose();
        };
        let fields = field::entries(raw.get())
            .map_err(|_| invalid(name, field::no_text(raw, b'{', "must be an object")))?;
        let mut given: Vec<(&str, FieldValue<'_>)> = Vec::new();
        for (part, raw) in &fields {
            let full =
                PlanPart::ALL.into_iter().zip(PLAN_FIELDS).find(|(known, _)| known.as_str() == &**part);
            let shown: String = part.chars().take(64).collect();
            let full = full.ok_or_else(|| invalid(&format!("plan.{shown}"), "is not a field of a plan"))?.1;
            if given.iter().any(|(other, _)| *other == full) {
                return Err(invalid(full, "is given twice"));
            }
            if !raw.is_null() {
                given.push((full, FieldValue::Json(*raw)));
            }
        }
        plan_in(&Form { given }, PLAN_FIELDS).map(Some)
    }

    /// Text of a field; JSON values must be strings.
    fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, Box<QuoteError>> {
        match self.get(name) {
            None => Ok(None),
            Some(FieldValue::Text(text)) => Ok(Some(Cow::Borrowed(text))),
            Some(FieldValue::Json(raw)) => {
                let text = field::text(name, raw).map(Some);
                text.map_err(|_| invalid(name, field::no_text(raw, b'"', "must be a string")))
            }
        }
    }

    fn symbol(&self, name: &str) -> Result<Symbol, Box<QuoteError>> {
        let text = self.text(name)?.ok_or_else(|| invalid(name, "is missing"))?;
        Symbol::new(&text).map_err(|e| invalid(name, &format!("{e}")))
    }

    fn amount(&self) -> Result<(Mode, AmountText), Box<QuoteError>> {
        const AMOUNTS: [&str; 4] = ["amount_in", "amount_in_atomic", "amount_out", "amount_out_atomic"];
        let mut named = AMOUNTS.into_iter().filter(|name| self.get(name).is_some());
        let Some(name) = named.next() else {
            return Err(invalid(
                "amount_in",
                "is missing (or amount_in_atomic, amount_out, amount_out_atomic)",
            ));
        };
        if let Some(second) = named.next() {
            return Err(invalid(second, &format!("cannot be given together with {name}")));
        }
        match name {
            "amount_in" => Ok((Mode::ExactIn, AmountText::Human(self.human(name)?))),
            "amount_in_atomic" => Ok((Mode::ExactIn, AmountText::Atomic(self.atomic(name)?))),
            "amount_out" => Ok((Mode::ExactOut, AmountText::Human(self.human(name)?))),
            _ => Ok((Mode::ExactOut, AmountText::Atomic(self.atomic(name)?))),
        }
    }

    fn human(&self, name: &str) -> Result<Decimal, Box<QuoteError>> {
        let parsed = match self.get(name) {
            Some(FieldValue::Json(raw)) => field::decimal(name, raw),
            Some(FieldValue::Text(text)) => Decimal::parse(text).map_err(|e| format!("{name} {e}")),
            None => Err(format!("{name} is missing")),
        };
        parsed.map_err(|reason| invalid(name, reason.strip_prefix(name).map_or(&*reason, str::trim_start)))
    }

    fn atomic(&self, name: &str) -> Result<u128, Box<QuoteError>> {
        let text = self.text(name)?.unwrap_or_default();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid(name, "must be a string of decimal digits"));
        }
        let beyond = || QuoteError::AmountOverflow { field: Some(name.to_owned()), warnings: Vec::new() };
        text.parse().map_err(|_| Box::new(beyond()))
    }

    fn whole(&self, name: &str, min: u16, max: u16) -> Result<Option<u16>, Box<QuoteError>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = whole_number(value).and_then(|number| u16::try_from(number).ok());
        match number.filter(|n| (min..=max).contains(n)) {
            Some(number) => Ok(Some(number)),
            None => Err(invalid(name, &format!("must be a whole number from {min} to {max}"))),
        }
    }

    fn long(&self, name: &str, otherwise: &str) -> Result<Option<u64>, Box<QuoteError>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        whole_number(value).map(Some).ok_or_else(|| invalid(name, otherwise))
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, Box<QuoteError>> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(FieldValue::Json(raw)) => raw.get(),
            Some(FieldValue::Text(text)) => text,
        };
        match text {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(invalid(name, "must be true or false")),
        }
    }

    fn names<T: Ord, E: fmt::Display>(
        &self,
        name: &str,
        new: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<SortedSet<T>>, Box<QuoteError>> {
        let texts: Vec<Cow<'_, str>> = match self.get(name) {
            None => return Ok(None),
            Some(FieldValue::Text(_)) => {
                self.texts(name).flat_map(|text| text.split(',')).map(Cow::Borrowed).gather()
            }
            Some(FieldValue::Json(raw)) => {
                let unfit = "must be a list of strings";
                let items = field::items(raw.get()).map_err(|_| invalid(name, unfit))?;
                let text = |item| {
                    field::text(name, item).map_err(|_| invalid(name, field::no_text(item, b'"', unfit)))
                };
                items.into_iter().map(text).collect::<Result<_, _>>()?
            }
        };
        if texts.is_empty() || texts.len() > MAX_NAMES {
            return Err(invalid(name, &format!("must hold 1 to {MAX_NAMES} names")));
        }
        let names: Result<SortedSet<T>, E> = texts.iter().map(|text| new(text)).collect();
        names.map(Some).map_err(|e| invalid(name, &format!("holds a name that cannot be used: it {e}")))
    }
}

/// A whole number in any form that JSON has for one: 50, 50.0 and 5e1 are the same.
fn whole_number(value: FieldValue<'_>) -> Option<u64> {
    let text = match value {
        FieldValue::Json(raw) => raw.get(),
        FieldValue::Text(text) => text,
    };
    text.parse().ok().or_else(|| Decimal::parse(text).ok()?.to_units(0).ok()?.try_into().ok())
}

/// The fields of a plan, by names that an error can name: inside of the object, and on their own.
const PLAN_FIELDS: [&str; 3] = ["plan.sender", "plan.mode", "plan.fee_exempt"];
const PLAN_PARTS: [&str; 3] = ["plan_sender", "plan_mode", "plan_fee_exempt"];

fn plan_in(form: &Form<'_>, [sender, mode, fee_exempt]: [&str; 3]) -> Result<PlanAsk, Box<QuoteError>> {
    let text = form.text(sender)?.ok_or_else(|| invalid(sender, "is missing"))?;
    Principal::parse(&text).map_err(|fault| invalid(sender, &format!("is no principal: {fault}")))?;
    let word = form.text(mode)?;
    let known = word.as_ref().map(|word| PlanMode::ALL.into_iter().find(|known| known.as_str() == word));
    let known = known.unwrap_or_else(|| Some(PlanMode::default()));
    let known = known.ok_or_else(|| invalid(mode, "must be auto, simple, strict or explicit"))?;
    let fee_exempt = form.boolean(fee_exempt)?.unwrap_or(false);
    Ok(PlanAsk { sender: text.into_owned(), mode: known, fee_exempt })
}

/// Replaces a default by what is given.
fn put<T>(place: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *place = given;
    }
}

fn invalid(field: &str, reason: &str) -> Box<QuoteError> {
    Box::new(QuoteError::InvalidRequest { field: field.to_owned(), reason: reason.to_owned() })
}

#[cfg(test)]
mod tests;
