//! Holds `docs/openapi.json` to the path table and the error codes.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use dlmm_worker::http::{ApiError, Code, Dispatch, Method, Path, dispatch};
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap()
}

/// The schema that a `$ref` leads to.
fn target<'d>(document: &'d Value, reference: &Value) -> &'d Value {
    let path = reference["$ref"].as_str().and_then(|path| path.strip_prefix('#')).unwrap();
    document.pointer(path).unwrap_or_else(|| panic!("{path} leads nowhere"))
}

/// One of each path. A path that is added does not compile until it is listed here, twice.
fn every_path() -> Vec<Path> {
    const fn listed(path: &Path) {
        match path {
            Path::Quote | Path::Quotes | Path::Routes | Path::Pools | Path::Pool(_) => {}
            Path::Pairs | Path::Tokens | Path::Snapshot | Path::Health | Path::Metrics => {}
            Path::QuoteStream | Path::Changes | Path::StreamTicket | Path::ClearCache => {}
        }
    }
    let paths = vec![
        Path::Quote,
        Path::Quotes,
        Path::Routes,
        Path::Pools,
        Path::Pool("BTC-USDC-25".to_owned()),
        Path::Pairs,
        Path::Tokens,
        Path::Snapshot,
        Path::QuoteStream,
        Path::Changes,
        Path::StreamTicket,
        Path::Health,
        Path::Metrics,
        Path::ClearCache,
    ];
    paths.iter().for_each(listed);
    paths
}

#[test]
fn every_path_and_method_of_the_table_is_described_and_no_other() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(every_path().iter().map(Path::pattern).collect::<BTreeSet<_>>(), described);
    for known in every_path() {
        let template = known.pattern();
        let path = template.replace("{id}", "BTC-USDC-25");
        for (method, name) in [(Method::Get, "get"), (Method::Post, "post"), (Method::Other, "delete")] {
            let expected = paths[template].get(name).is_some();
            match dispatch(method, &path) {
                Dispatch::Run(found) => {
                    assert!(expected && found == known, "{name} {path} leads to {found:?}")
                }
                Dispatch::Refuse(_) => assert!(!expected, "{name} {path} is refused"),
                Dispatch::Options { .. } => panic!("{name} {path} is no OPTIONS"),
            }
        }
        let head = matches!(dispatch(Method::Head, &path), Dispatch::Run(_));
        assert_eq!(head, paths[template].get("get").is_some(), "HEAD goes with GET: {path}");
    }
    assert_eq!(dispatch(Method::Get, "/nothing"), Dispatch::Refuse(ApiError::not_found("/nothing")));
}

#[test]
fn every_code_is_described_with_its_status_and_no_other() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let ours: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let listed: Vec<_> =
        schemas["ErrorCode"]["enum"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(listed, ours);
    let error = &schemas["Error"]["properties"]["error"];
    let variants: Vec<_> = error["oneOf"].as_array().unwrap().iter().collect();
    assert_eq!(variants.len(), ours.len());
    for (code, variant) in Code::ALL.iter().zip(variants) {
        let schema = target(&document, variant);
        assert_eq!(schema["properties"]["code"]["const"], code.as_str());
        assert_eq!(schema["x-status"], code.status(), "{}", code.as_str());
        assert_eq!(error["discriminator"]["mapping"][code.as_str()], variant["$ref"]);
    }
}

#[test]
fn every_error_response_names_the_codes_of_its_status() {
    let document = document();
    let mut by_status: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for code in Code::ALL {
        by_status.entry(code.status().to_string()).or_default().insert(code.as_str());
    }
    let mut seen = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let Some(codes) = by_status.get(status) else {
                    assert!(["200", "304"].contains(&status.as_str()), "{status}");
                    continue;
                };
                seen.insert(status.clone());
                let inline = response.get("$ref").is_none();
                let response = if inline { response } else { target(&document, response) };
                let schema = &response["content"]["application/json"]["schema"];
                // A batch answers with itself or with an error; /health with itself only.
                let error = schema["oneOf"].get(1).unwrap_or(schema);
                let Some(named) = error["properties"]["error"]["properties"]["code"]["enum"].as_array()
                else {
                    assert_eq!(schema["$ref"], "#/components/schemas/Health");
                    continue;
                };
                let named: BTreeSet<_> = named.iter().map(|code| code.as_str().unwrap()).collect();
                assert_eq!(&named, codes, "{status}");
            }
        }
    }
    // 405 is what methods get that are not described.
    by_status.remove("405");
    assert_eq!(seen, by_status.into_keys().collect());
}

#[test]
fn a_query_takes_the_same_fields_as_a_body() {
    let document = document();
    let body = document["components"]["schemas"]["QuoteRequest"]["properties"].as_object().unwrap();
    let query = document["paths"]["/quote"]["get"]["parameters"].as_array().unwrap();
    // An object has no place in a query: its fields stand there by names of their own.
    let parts = document["components"]["schemas"]["PlanRequest"]["properties"].as_object().unwrap();
    assert_eq!(query.len(), body.len() - 1 + parts.len());
    for parameter in query {
        if let Some(part) = parameter["name"].as_str().unwrap().strip_prefix("plan_") {
            assert!(parts.contains_key(part), "{part}");
            continue;
        }
        let mut field = body[parameter["name"].as_str().unwrap()].clone();
        let description = field.as_object_mut().unwrap().remove("description").unwrap();
        // Generators take the default of a field for a promise that it is there, so in a body the text says it.
        let mut schema = parameter["schema"].clone();
        let default = schema.as_object_mut().unwrap().remove("default");
        let told = default.map_or(String::new(), |default| format!(" Absent: {default}."));
        assert_eq!(format!("{}{told}", parameter["description"].as_str().unwrap()), description);
        assert_eq!(schema, field);
    }
}

#[test]
fn the_description_has_the_version_of_the_service() {
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
}
