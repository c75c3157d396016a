//! The query string of a request.

use std::borrow::Cow;

use dlmm_core::stored::keys::shown;

use crate::http::ApiError;

/// Longest query that is read, in bytes: that of an address at Cloudflare. Longer lists go into a body.
const MAX_QUERY: usize = 16 * 1024;

/// Names and values, decoded, in the order given.
pub type QueryPairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Splits the URL of a request into path and query; both stay encoded.
///
/// The platform hands out absolute URLs in the one spelling of the URL standard, so the first `/` after the host
/// begins the path. Parsing the URL once more would give nothing else.
pub fn split_url(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..)).unwrap_or("/");
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    path.split_once('?').unwrap_or((path, ""))
}

/// Refuses a query that is too long to be meant.
///
/// # Errors
/// INVALID_REQUEST naming the query and the limit.
pub fn check_query(query: &str) -> Result<(), ApiError> {
    if query.len() <= MAX_QUERY {
        return Ok(());
    }
    let message = format!("the query is longer than {MAX_QUERY} bytes: send a POST with a JSON body");
    Err(ApiError::invalid_request("query", message).with("limit", MAX_QUERY))
}

/// Decodes a query. Duplicates are kept, so that the caller can refuse them instead of picking one.
pub fn query_pairs(query: &str) -> QueryPairs<'_> {
    form_urlencoded::parse(query.as_bytes()).collect()
}

/// Takes the parameters of these names out of a query, each given once or not at all, in the order of the names.
///
/// # Errors
/// INVALID_REQUEST naming any other parameter, and one that is given twice.
pub fn parameters<'q, const N: usize>(
    query: QueryPairs<'q>,
    names: [&str; N],
) -> Result<[Option<Cow<'q, str>>; N], ApiError> {
    let mut found = [const { None }; N];
    take(query, &names, &mut found)?;
    Ok(found)
}

fn take<'q>(
    query: QueryPairs<'q>,
    names: &[&str],
    found: &mut [Option<Cow<'q, str>>],
) -> Result<(), ApiError> {
    for (name, text) in query {
        let slot = names.iter().zip(&mut *found).find(|(known, _)| **known == name);
        let field = || shown(&name);
        let Some((_, slot)) = slot else {
            return Err(ApiError::invalid_request(
                &field(),
                format!("{} is no parameter: {}", field(), only(names)),
            ));
        };
        if slot.replace(text).is_some() {
            return Err(ApiError::invalid_request(&field(), format!("{} is given twice", field())));
        }
    }
    Ok(())
}

/// Says which parameters there are.
fn only(names: &[&str]) -> String {
    match names {
        [] => "this path takes no parameters".to_owned(),
        [name] => format!("the only parameter is {name}"),
        [names @ .., last] => format!("the only parameters are {} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_path_and_query() {
        for (url, expected) in [
            ("https://quote.example/quote?a=1&b=2", ("/quote", "a=1&b=2")),
            ("http://127.0.0.1:8787/", ("/", "")),
            ("https://quote.example/a?b?c#d?e", ("/a", "b?c")),
            ("https://quote.example/a%3Fb#?c", ("/a%3Fb", "")),
            ("https://quote.example", ("/", "")),
        ] {
            assert_eq!(split_url(url), expected, "{url}");
        }
    }

    #[test]
    fn a_query_has_a_longest_length() {
        assert!(check_query("").is_ok() && check_query(&"a".repeat(16_384)).is_ok());
        let error = check_query(&"a".repeat(16_385)).unwrap_err();
        assert_eq!(error.code, crate::http::Code::InvalidRequest);
        assert_eq!((&error.details["field"], &error.details["limit"]), (&"query".into(), &16_384.into()));
    }

    #[test]
    fn pairs_are_decoded_and_duplicates_stay() {
        let pairs = query_pairs("amount_in=1.5&token_in=BTC&token_in=E%54H&note=a+b%26&empty=&bare");
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        assert_eq!(
            pairs,
            [
                ("amount_in", "1.5"),
                ("token_in", "BTC"),
                ("token_in", "ETH"),
                ("note", "a b&"),
                ("empty", ""),
                ("bare", "")
            ]
        );
        assert!(query_pairs("").is_empty());
    }

    #[test]
    fn parameters_are_taken_by_name_once_each() {
        let texts = |found: [Option<Cow<'_, str>>; 2]| found.map(|text| text.map(Cow::into_owned));
        let read = |query| parameters(query_pairs(query), ["limit", "after"]).map(texts);
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(read("after=P&limit=5"), Ok([own("5"), own("P")]));
        assert_eq!(read("after="), Ok([None, own("")]));
        let said = |query| {
            let refusal = read(query).unwrap_err();
            (refusal.details["field"].as_str().unwrap().to_owned(), refusal.message.into_owned())
        };
        let expected = |field: &str, message: &str| (field.to_owned(), message.to_owned());
        assert_eq!(said("limit=1&limit=1"), expected("limit", "limit is given twice"));
        assert_eq!(
            said("limit=1&Limit=1"),
            expected("Limit", "Limit is no parameter: the only parameters are limit and after")
        );
        let (field, message) = said(&format!("%1b{}=1", "x".repeat(1_000)));
        assert!(field.starts_with(r"\u{1b}xxx") && message.len() < 500, "{message}");
    }

    #[test]
    fn whoever_gives_another_parameter_is_told_which_there_are() {
        assert_eq!(only(&[]), "this path takes no parameters");
        assert_eq!(only(&["pools"]), "the only parameter is pools");
        assert_eq!(
            only(&["token_in", "token_out", "max_hops"]),
            "the only parameters are token_in, token_out and max_hops"
        );
    }
}
