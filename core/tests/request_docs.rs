//! What is written about request fields, from their one table: `docs/openapi.json`, `docs/http.md` and the package's type.
//!
//! `UPDATE_DOCS=1 cargo test -p dlmm-core --test request_docs` writes it anew.
#![expect(clippy::expect_used, clippy::panic, reason = "a test says what is missing by failing")]

use dlmm_core::api::{About, MAX_NAMES, Place, PlanPart, RequestField, request_fields};
use dlmm_core::quote::Mode;
use std::fs;
use std::path::PathBuf;

/// Characters that a line of `docs/openapi.json` may have.
const WIDTH: usize = 140;
const DECIMAL: &str = r#""^\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$""#;
/// What the page of the API description asks for at the first press.
const EXAMPLE: [(&str, &str); 3] = [("token_in", "BTC"), ("token_out", "USDC"), ("amount_in", "1.0")];
const DIGITS: &str = r#""^[0-9]+$""#;

/// JSON in the order in which it is put together.
enum Json {
    Text(String),
    Object(Vec<(&'static str, Json)>),
    List(Vec<Json>),
}

fn raw(text: impl ToString) -> Json {
    Json::Text(text.to_string())
}

fn quoted(text: &str) -> Json {
    raw(serde_json::to_string(text).expect("text"))
}

fn reference(schema: &str) -> Json {
    quoted(&format!("#/components/schemas/{schema}"))
}

impl Json {
    fn inline(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\": {}", value.inline())).collect();
                format!("{{ {} }}", members.join(", "))
            }
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::inline).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Lays it out on one line if `before` and it fit there, else one member a line.
    fn laid_out(&self, indent: usize, before: usize) -> String {
        let inline = self.inline();
        if indent + before + inline.len() < WIDTH {
            return inline;
        }
        let inner = indent + 2;
        let (open, lines, close) = match self {
            Self::Text(text) => return text.clone(),
            Self::Object(members) => ('{', members_laid_out(members, inner), '}'),
            Self::List(items) => {
                ('[', items.iter().map(|item| item.laid_out(inner, 0)).collect::<Vec<_>>(), ']')
            }
        };
        let gap = " ".repeat(inner);
        format!("{open}\n{gap}{}\n{}{close}", lines.join(&format!(",\n{gap}")), " ".repeat(indent))
    }
}

fn members_laid_out(members: &[(&'static str, Json)], indent: usize) -> Vec<String> {
    let line = |(name, value): &(&str, Json)| {
        format!("\"{name}\": {}", value.laid_out(indent, name.len() + "\"\": ".len()))
    };
    members.iter().map(line).collect()
}

/// The form a schema is for.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Asked,
    /// As Asked, one by one: generators take a default inside of an object for a promise that the field is there.
    Parameter,
    /// As an input has it: with every default, and `null` for no limit.
    Checked,
}

/// What a value may be.
fn schema(field: &RequestField, form: Form) -> Vec<(&'static str, Json)> {
    let asked = form != Form::Checked;
    let or_null = |kind: &str| if asked { quoted(kind) } else { raw(format!("[\"{kind}\", \"null\"]")) };
    let whole =
        |min: u16, max: u16| vec![("type", quoted("integer")), ("minimum", raw(min)), ("maximum", raw(max))];
    let list = |of| {
        let items = Json::Object(vec![("$ref", reference(of))]);
        vec![("type", or_null("array")), ("items", items), ("minItems", raw(1)), ("maxItems", raw(MAX_NAMES))]
    };
    let mut schema = match field.place {
        Place::Token(_) => vec![("$ref", reference("Symbol"))],
        Place::Human(_) if asked => {
            let number = vec![("type", quoted("number")), ("exclusiveMinimum", raw(0))];
            let text = vec![("type", quoted("string")), ("pattern", raw(DECIMAL))];
            vec![("anyOf", Json::List(vec![Json::Object(number), Json::Object(text)]))]
        }
        Place::Human(_) => vec![("type", quoted("string"))],
        Place::Atomic(_) => vec![("type", quoted("string")), ("pattern", raw(DIGITS))],
        Place::Small(_, min, max) => whole(min.into(), max.into()),
        Place::Number(_, min, max) => whole(min, max),
        Place::Milliseconds(_) | Place::Height(_) => vec![("type", or_null("integer")), ("minimum", raw(0))],
        Place::Flag(_) | Place::DirectOnly => vec![("type", quoted("boolean"))],
        Place::Limit(_, min, max) => {
            vec![("type", or_null("integer")), ("minimum", raw(min)), ("maximum", raw(max))]
        }
        Place::Plan => vec![("$ref", reference(if asked { "PlanRequest" } else { "CheckedPlan" }))],
        Place::PlanPart(PlanPart::Sender) => vec![("$ref", reference("Principal"))],
        Place::PlanPart(PlanPart::Mode) => vec![("$ref", reference("PlanMode"))],
        Place::PlanPart(PlanPart::FeeExempt) => vec![("type", quoted("boolean"))],
        Place::Pools(_) => list("PoolId"),
        Place::Tokens(_) => list("Symbol"),
        _ => panic!("{} has no schema", field.name),
    };
    if let (Some(default), Form::Parameter) = (field.default_value(), form) {
        schema.push(("default", raw(default)));
    }
    schema
}

fn is_unlimited(field: &RequestField) -> bool {
    matches!(field.place, Place::Milliseconds(_) | Place::Limit(..) | Place::Pools(_) | Place::Tokens(_))
}

fn description(field: &RequestField, about: &About, form: Form) -> Json {
    let absent = if form == Form::Checked { "`null`" } else { "Absent" };
    let limit = if is_unlimited(field) { format!(" {absent}: no limit.") } else { String::new() };
    let default = field.default_value().filter(|_| form == Form::Asked);
    let default = default.map(|default| format!(" Absent: {default}.")).unwrap_or_default();
    quoted(&format!("{}{limit}{default}", about.meaning))
}

/// The fields of a schema of the API description.
fn properties(form: Form) -> Vec<(&'static str, Json)> {
    let fields = request_fields().filter(|(field, _)| match field.place {
        Place::DirectOnly => form != Form::Checked,
        Place::PlanPart(_) => false,
        _ => true,
    });
    let property = |(field, about): (&RequestField, &About)| {
        let mut members = schema(field, form);
        let at = usize::from(matches!(field.place, Place::Token(_) | Place::Plan));
        members.insert(at, ("description", description(field, about, form)));
        (field.name, Json::Object(members))
    };
    fields.map(property).collect()
}

fn checked_required() -> Json {
    let always = |field: &RequestField| {
        !matches!(
            field.place,
            Place::Human(_) | Place::Atomic(_) | Place::DirectOnly | Place::Plan | Place::PlanPart(_)
        )
    };
    Json::List(
        request_fields().filter(|(field, _)| always(field)).map(|(field, _)| quoted(field.name)).collect(),
    )
}

/// What a stream takes beside the fields of its request.
fn stream_parameters() -> [Json; 2] {
    let parameter = |name, place, about: &str, schema: Vec<(&'static str, Json)>| {
        Json::Object(vec![
            ("name", quoted(name)),
            ("in", quoted(place)),
            ("description", quoted(about)),
            ("required", raw(false)),
            ("schema", Json::Object(schema)),
        ])
    };
    let ticket = "Leave to open this stream without a header, from `POST /stream/ticket`.";
    let last = "The `id` of the last event that the client has.";
    [
        parameter("ticket", "query", ticket, vec![("type", quoted("string")), ("maxLength", raw(100))]),
        parameter("Last-Event-ID", "header", last, vec![("type", quoted("string"))]),
    ]
}

fn parameters() -> Vec<Json> {
    let parameter = |(field, about): (&RequestField, &About)| {
        let mut members = vec![
            ("name", quoted(field.name)),
            ("in", quoted("query")),
            ("description", description(field, about, Form::Parameter)),
            ("required", raw(matches!(field.place, Place::Token(_)))),
            ("schema", Json::Object(schema(field, Form::Parameter))),
        ];
        if let Some((_, example)) = EXAMPLE.iter().find(|(name, _)| *name == field.name) {
            members.push(("example", quoted(example)));
        }
        if matches!(field.place, Place::Pools(_) | Place::Tokens(_)) {
            members.extend([("style", quoted("form")), ("explode", raw(false))]);
        }
        Json::Object(members)
    };
    // An object has no place in a query string.
    let fields = request_fields().filter(|(field, _)| !matches!(field.place, Place::Plan));
    fields.map(parameter).collect()
}

/// Puts new text between the first `from` behind `anchor` and the first `to` behind that.
fn replaced(text: &str, anchor: &str, (from, to): (&str, &str), new: &str) -> String {
    let (front, rest) = text.split_once(anchor).expect(anchor);
    let (between, rest) = rest.split_once(from).expect(from);
    let (_, behind) = rest.split_once(to).expect(to);
    [front, anchor, between, from, new, to, behind].concat()
}

fn openapi(text: &str) -> String {
    let gap = format!(",\n{}", " ".repeat(10));
    let fields = |form| format!("{}{}", " ".repeat(10), members_laid_out(&properties(form), 10).join(&gap));
    // Generators of clients do not read the fields of what is also one of several, so that an amount is there says the text.
    let begin = "        \"properties\": {\n";
    let asked = (begin, "\n        },\n        \"additionalProperties\"");
    let text = replaced(text, "      \"QuoteRequest\": {\n", asked, &fields(Form::Asked));
    let checked = (begin, "\n        }\n      }");
    let text = replaced(&text, "      \"CheckedRequest\": {\n", checked, &fields(Form::Checked));
    let required = format!("{},\n", checked_required().laid_out(8, WIDTH));
    let text = replaced(
        &text,
        "      \"CheckedRequest\": {\n",
        ("        \"required\": ", "        \"properties\""),
        &required,
    );
    let place = ("        \"parameters\": ", "        \"responses\"");
    let of_query = format!("{},\n", Json::List(parameters()).laid_out(8, WIDTH));
    let text = replaced(&text, "    \"/quote\": {\n", place, &of_query);
    let of_stream = format!(
        "{},\n",
        Json::List(parameters().into_iter().chain(stream_parameters()).collect()).laid_out(8, WIDTH)
    );
    replaced(&text, "    \"/quote/stream\": {\n", place, &of_stream)
}

fn bounds(place: &Place) -> Option<String> {
    match place {
        Place::Small(_, min, max) => Some(format!("{min} to {max}")),
        Place::Number(_, min, max) | Place::Limit(_, min, max) => Some(format!("{min} to {max}")),
        _ => None,
    }
}

/// The table of the guide.
fn guide(text: &str) -> String {
    let row = |(field, about): (&RequestField, &About)| {
        let kind = match &field.place {
            Place::Token(_) => "string".to_owned(),
            Place::Human(_) => "number or string".to_owned(),
            Place::Atomic(_) => "string of digits".to_owned(),
            Place::Milliseconds(_) | Place::Height(_) => "whole number".to_owned(),
            Place::Pools(_) | Place::Tokens(_) => format!("1 to {MAX_NAMES} strings"),
            Place::Plan => "object".to_owned(),
            Place::PlanPart(PlanPart::FeeExempt) => "in a query string".to_owned(),
            Place::PlanPart(_) => "string, in a query string".to_owned(),
            place => bounds(place).unwrap_or_else(|| "boolean".to_owned()),
        };
        let default = match field.place {
            Place::Token(_) => "required".to_owned(),
            Place::Human(_) | Place::Atomic(_) => "one of the four".to_owned(),
            Place::Plan | Place::PlanPart(_) => "no plan".to_owned(),
            _ => field.default_value().unwrap_or_else(|| "no limit".to_owned()),
        };
        let links = about
            .sections
            .iter()
            .map(|section| format!(" See [{section}](#{}).", section.to_lowercase().replace(' ', "-")));
        format!(
            "| `{}` | {kind} | {default} | {}{} |\n",
            field.name,
            about.meaning,
            links.collect::<String>()
        )
    };
    let head = "| Field | JSON type | Default | Meaning |\n| --- | --- | --- | --- |\n";
    let table = format!("{head}{}", request_fields().map(row).collect::<String>());
    replaced(text, "<!-- request fields", (" -->\n", "<!-- /request fields -->"), &table)
}

/// The type of the package; the four amounts exclude each other there, and are written by hand.
fn declarations(text: &str) -> String {
    let member = |(field, about): (&RequestField, &About)| {
        let (optional, kind) = match &field.place {
            Place::Human(_) | Place::Atomic(_) | Place::PlanPart(_) => return None,
            Place::Plan => ("?", "PlanRequest | null"),
            Place::Token(_) => ("", "string"),
            Place::Flag(_) | Place::DirectOnly => ("?", "boolean | null"),
            Place::Pools(_) | Place::Tokens(_) => ("?", "readonly string[] | null"),
            _ => ("?", "number | null"),
        };
        let bounds = bounds(&field.place).map(|bounds| format!(" From {bounds}.")).unwrap_or_default();
        let default = field.default_value().map(|default| format!(" Default {default}.")).unwrap_or_default();
        Some(format!("  /** {}{bounds}{default} */\n  {}{optional}: {kind};\n", about.meaning, field.name))
    };
    let members: String = request_fields().filter_map(member).collect();
    replaced(text, "interface RequestLimits", ("{\n", "}\n"), &members)
}

fn holds(path: &str, write: impl FnOnce(&str) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let written = fs::read_to_string(&path).expect("a file of this project");
    let wanted = write(&written);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, wanted).expect("the file can be written");
        return;
    }
    let differs = written.lines().zip(wanted.lines()).find(|(written, wanted)| written != wanted);
    assert!(
        written == wanted,
        "{} is not what the table of fields says: {differs:?}\nUPDATE_DOCS=1 cargo test -p dlmm-core --test request_docs",
        path.display()
    );
}

#[test]
fn the_api_description_has_the_fields() {
    holds("docs/openapi.json", openapi);
}

#[test]
fn the_guide_has_the_fields() {
    holds("docs/http.md", guide);
}

#[test]
fn the_package_has_the_fields() {
    holds("web/types/request.d.ts", declarations);
}

#[test]
fn every_amount_of_the_table_is_one_that_the_package_takes() {
    let amounts: Vec<_> = request_fields()
        .filter_map(|(field, _)| match field.place {
            Place::Human(mode) => Some((field.name, mode, false)),
            Place::Atomic(mode) => Some((field.name, mode, true)),
            _ => None,
        })
        .collect();
    assert_eq!(
        amounts,
        [
            ("amount_in", Mode::ExactIn, false),
            ("amount_in_atomic", Mode::ExactIn, true),
            ("amount_out", Mode::ExactOut, false),
            ("amount_out_atomic", Mode::ExactOut, true)
        ]
    );
}
