//! The answers of `POST /quotes`, each with its own state.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::usage::UsageError;

/// A document of `POST /quotes` as its answers, each with its own state and the number of all; any other one as it is.
pub(super) fn answers_of_batch(document: &str) -> Result<Vec<(String, Option<usize>)>, UsageError> {
    let unfit = |e: serde_json::Error| UsageError(format!("this is not an answer of POST /quotes: {e}"));
    let Ok(Batch { answers, states }) = serde_json::from_str(document) else {
        return Ok(vec![(document.to_owned(), None)]);
    };
    let quotes = answers.len();
    let whole = answers.into_iter().map(|answer| match serde_json::from_str(answer.get()) {
        Ok(fields) => with_input(fields, &states),
        Err(_) => Ok(answer.get().to_owned()),
    });
    whole.map(|answer| Ok((answer?, Some(quotes)))).collect::<Result<_, _>>().map_err(unfit)
}

/// Whether a document is one answer of a batch whose state stands elsewhere in that batch.
pub(super) fn is_without_its_batch(document: &str) -> bool {
    serde_json::from_str::<Fields<'_>>(document)
        .is_ok_and(|fields| fields.contains_key("input_ref") && !fields.contains_key("input"))
}

/// An answer of `POST /quotes` that may have `states`; other fields do not matter here.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    answers: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    states: Vec<SharedState<'a>>,
}

#[derive(Deserialize)]
struct SharedState<'a> {
    #[serde(borrow)]
    pools: Vec<&'a RawValue>,
}

/// The fields of a JSON object by name, each as its own text.
type Fields<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// Puts the state that an answer refers to into the answer.
fn with_input(mut answer: Fields<'_>, states: &[SharedState<'_>]) -> Result<String, serde_json::Error> {
    if let Some(reference) = answer.remove("input_ref") {
        let mut input: Fields<'_> = serde_json::from_str(reference.get())?;
        let read = |field: &str, input: &Fields<'_>| input.get(field).map(|raw| raw.get().to_owned());
        let state: usize = serde_json::from_str(&read("state", &input).unwrap_or_default())?;
        let places: Vec<usize> = serde_json::from_str(&read("pools", &input).unwrap_or_default())?;
        let missing = || serde::de::Error::custom("input_ref names a state or pool that is not there");
        let state = states.get(state).ok_or_else(missing)?;
        let pools: Option<Vec<_>> = places.iter().map(|place| state.pools.get(*place)).collect();
        let pools = serde_json::to_string(&pools.ok_or_else(missing)?)?;
        input.remove("state");
        input.insert("pools".into(), Cow::Owned(RawValue::from_string(pools)?));
        let input = RawValue::from_string(serde_json::to_string(&input)?)?;
        answer.insert("input".into(), Cow::Owned(input));
    }
    serde_json::to_string(&answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_a_batch_gets_the_state_it_refers_to() {
        let batch = r#"{"answers":[{"success":true,"input_ref":{"format":"f","pools":[1,0],"request":{"pools":null},"state":0}},{"success":false},{"input":{}}],
            "states":[{"pools":[{"pool_id":"A","n":1.50},{"pool_id":"B"}]}],"request_id":"r"}"#;
        assert_eq!(
            answers_of_batch(batch).unwrap(),
            [
                r#"{"input":{"format":"f","pools":[{"pool_id":"B"},{"pool_id":"A","n":1.50}],"request":{"pools":null}},"success":true}"#,
                r#"{"success":false}"#,
                r#"{"input":{}}"#,
            ]
            .map(|answer| (answer.to_owned(), Some(3)))
        );
        assert_eq!(
            answers_of_batch(r#"{"success":true}"#).unwrap(),
            [(r#"{"success":true}"#.to_owned(), None)]
        );
        assert!(
            answers_of_batch(&batch.replace("[1,0]", "[2]")).unwrap_err().to_string().contains("not there")
        );
    }
}
