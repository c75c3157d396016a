//! JSON text of plain JavaScript data, with no digit lost on the way.

use dlmm_core::json::ToJson;
use js_sys::{Array, ArrayBuffer, BigInt, Number, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// Levels of objects and lists inside each other at most; a snapshot has five.
const MAX_DEPTH: usize = 16;
/// Every decimal number of so many digits survives the way through a double.
const SAFE_DIGITS: usize = 15;

/// The JSON text of a document: given as text, as its bytes in UTF-8, or as the object parsed from it.
///
/// # Errors
/// What is wrong, as a phrase that names the place.
pub(crate) fn document(value: &JsValue) -> Result<String, String> {
    if let Some(text) = value.as_string() {
        return Ok(text);
    }
    let bytes = match value.dyn_ref::<Uint8Array>() {
        Some(bytes) => Some(bytes.to_vec()),
        None => value.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec()),
    };
    match bytes {
        Some(bytes) => String::from_utf8(bytes).map_err(|_| "its bytes are not UTF-8".to_owned()),
        None if value.is_object() => json_of("snapshot", value),
        None => Err("neither text, bytes nor an object".to_owned()),
    }
}

/// Writes plain data as JSON text. `name` is what to call it in an error.
///
/// # Errors
/// What is wrong, as a phrase that names the place: a number that a double may have changed, anything else than
/// null, booleans, numbers, bigints, strings, lists and plain objects, or data nested too deep.
pub(crate) fn json_of(name: &str, value: &JsValue) -> Result<String, String> {
    let mut writer = Writer { json: String::new(), place: name.to_owned() };
    writer.value(value, 0)?;
    Ok(writer.json)
}

struct Writer {
    json: String,
    /// Where the value being written stands, such as `pools[0].bins[3].price`.
    place: String,
}

impl Writer {
    fn value(&mut self, value: &JsValue, depth: usize) -> Result<(), String> {
        if let Some(text) = value.as_string() {
            text.write(&mut self.json);
        } else if value.is_null() || value.is_undefined() {
            self.json.push_str("null");
        } else if let Some(flag) = value.as_bool() {
            self.json.push_str(if flag { "true" } else { "false" });
        } else if let Some(number) = value.as_f64() {
            self.number(number)?;
        } else if let Some(number) = value.dyn_ref::<BigInt>() {
            self.json.push_str(&digits_of(number)?);
        } else if depth >= MAX_DEPTH {
            return Err(self.unfit("is nested too deep"));
        } else if let Some(list) = value.dyn_ref::<Array>() {
            self.list(list, depth)?;
        } else if is_plain(value) {
            self.object(value.unchecked_ref(), depth)?;
        } else {
            return Err(self.unfit("is not plain data"));
        }
        Ok(())
    }

    fn unfit(&self, reason: &str) -> String {
        format!("{} {reason}", self.place)
    }

    fn number(&mut self, number: f64) -> Result<(), String> {
        let text = text_of(number).unwrap_or_default();
        if !number.is_finite() {
            return Err(self.unfit(&format!("is {text}, not a number")));
        }
        if !Number::is_safe_integer(&number.into()) && significant_digits(&text) > SAFE_DIGITS {
            return Err(self.unfit(&format!(
                "is {text}, more digits than a JavaScript number keeps: write it as a string or a bigint"
            )));
        }
        self.json.push_str(&text);
        Ok(())
    }

    fn list(&mut self, list: &Array, depth: usize) -> Result<(), String> {
        self.json.push('[');
        let length = self.place.len();
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.place.push_str(&format!("[{index}]"));
            self.value(&item, depth + 1)?;
            self.place.truncate(length);
        }
        self.json.push(']');
        Ok(())
    }

    fn object(&mut self, object: &Object, depth: usize) -> Result<(), String> {
        self.json.push('{');
        let (length, mut first) = (self.place.len(), true);
        for entry in Object::entries(object).iter() {
            let entry: Array = entry.unchecked_into();
            let (name, item) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
            // As JSON.stringify does.
            if item.is_undefined() {
                continue;
            }
            if !core::mem::take(&mut first) {
                self.json.push(',');
            }
            name.write(&mut self.json);
            self.json.push(':');
            self.place.push('.');
            self.place.push_str(&name);
            self.value(&item, depth + 1)?;
            self.place.truncate(length);
        }
        self.json.push('}');
        Ok(())
    }
}

/// The shortest text of the double nearest to a number.
pub(crate) fn shortest_double(number: &str) -> Option<String> {
    text_of(js_sys::parse_float(number))
}

fn text_of(number: f64) -> Option<String> {
    Number::from(number).to_string_with_radix(10).map(String::from).ok()
}

/// The decimal digits of a bigint.
pub(crate) fn digits_of(number: &BigInt) -> Result<String, String> {
    number.to_string(10).map(String::from).map_err(|error| String::from(error.to_string()))
}

/// Whether an object is no instance of a class: a class may mean something else by its fields, or write itself
/// in another base.
fn is_plain(value: &JsValue) -> bool {
    if !value.is_object() {
        return false;
    }
    let parent = Object::get_prototype_of(value);
    parent.is_null() || Object::get_prototype_of(&parent).is_null()
}

/// Counts the digits between the first and the last that is not zero.
fn significant_digits(number: &str) -> usize {
    let mantissa = number.split_once('e').map_or(number, |(mantissa, _)| mantissa);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_a_double_must_keep() {
        for (number, digits) in [
            ("0", 0),
            ("1", 1),
            ("0.1", 1),
            ("-12.50", 3),
            ("1e-7", 1),
            ("1.5e+300", 2),
            ("100000", 1),
            ("0.30000000000000004", 17),
            ("123456789012345.6", 16),
            ("1.7976931348623157e+308", 17),
        ] {
            assert_eq!(significant_digits(number), digits, "{number}");
        }
    }
}
