use super::super::error::{AuthFault, Outage};
use super::*;

fn reply(body: &str) -> Reply {
    Reply::new(body.as_bytes().to_vec(), 2)
}

fn texts(body: &str, expected: usize) -> Result<Vec<Option<String>>, RedisError> {
    let mut texts = Vec::new();
    reply(body).each_text(expected, |index, text| {
        assert_eq!(index, texts.len());
        texts.push(text.as_deref().map(str::to_owned));
    })?;
    Ok(texts)
}

fn invalid(oddity: Oddity) -> RedisError {
    RedisError::Invalid(oddity)
}

#[test]
fn a_result_is_the_value_whatever_stands_beside_it() {
    for body in [
        r#"{"result":7}"#,
        r#"{"result":7,"error":null}"#,
        r#"{"error":null,"result":7}"#,
        r#" {"took":[1,{"a":2}],"result":7} "#,
    ] {
        assert_eq!(reply(body).value(), Ok(Value::Integer(7)), "{body}");
    }
    assert_eq!(reply(r#"{"result":null}"#).value(), Ok(Value::Nil));
}

#[test]
fn an_error_wins_over_a_result_and_keeps_its_meaning() {
    let no_permission = RedisError::Auth(AuthFault::NoPermission);
    for body in [r#"{"error":"NOPERM x"}"#, r#"{"result":null,"error":"NOPERM x"}"#] {
        assert_eq!(reply(body).value(), Err(no_permission.clone()), "{body}");
    }
    assert_eq!(
        reply(r#"{"error":"LOADING x"}"#).value(),
        Err(RedisError::Unavailable { attempts: 2, outage: Outage::Busy })
    );
    let unknown = RedisError::Refused("an unknown error".to_owned());
    assert_eq!(reply(r#"{"error":17}"#).value(), Err(unknown));
}

#[test]
fn a_body_without_result_or_with_a_foreign_value_is_named_as_such() {
    assert_eq!(reply("{}").value(), Err(invalid(Oddity::NotA("a reply with a result"))));
    assert_eq!(reply(r#"{"result":1.5}"#).value(), Err(invalid(Oddity::NotA("a Redis value"))));
    assert_eq!(reply("[1]").value(), Err(invalid(Oddity::NotA("a Redis value"))));
    assert_eq!(reply(r#"{"result":1,"result":2}"#).value(), Err(invalid(Oddity::NotA("a Redis value"))));
}

#[test]
fn broken_json_is_not_json() {
    for body in [r#"{"result":"#, r#"{"result":1}}"#, r#"{"result":1} x"#, "{\"result\":\"\u{1}\"}", ""] {
        assert_eq!(reply(body).value(), Err(invalid(Oddity::NotJson)), "{body}");
    }
    assert_eq!(Reply::new(b"{\"result\":\"\xff\"}".to_vec(), 1).value(), Err(invalid(Oddity::NotJson)));
}

#[test]
fn mget_hands_out_each_text_once_in_order() {
    assert_eq!(
        texts(r#"{"result":["plain",null,"{\"a\":\"\u00e9\n\"}"]}"#, 3).unwrap(),
        [Some("plain".to_owned()), None, Some("{\"a\":\"é\n\"}".to_owned())]
    );
    assert_eq!(texts(r#"{"result":[]}"#, 0).unwrap(), Vec::<Option<String>>::new());
}

#[test]
fn mget_of_another_length_is_refused_and_never_hands_out_more_than_asked() {
    let length = |received| invalid(Oddity::Length { expected: 2, received });
    assert_eq!(texts(r#"{"result":["a"]}"#, 2), Err(length(1)));
    let mut seen = 0;
    let result = reply(r#"{"result":["a","b","c"]}"#).each_text(2, |_, _| seen += 1);
    assert_eq!((result, seen), (Err(length(3)), 2));
}

#[test]
fn mget_of_another_type_is_refused() {
    for body in [
        r#"{"result":null}"#,
        r#"{"result":"a"}"#,
        r#"{"result":[1,2]}"#,
        r#"{"result":[["a"],"b"]}"#,
        r#"{"result":{}}"#,
    ] {
        assert_eq!(texts(body, 2), Err(invalid(Oddity::NotA("an array of texts"))), "{body}");
    }
    assert_eq!(
        texts(r#"{"result":null,"error":"WRONGPASS x"}"#, 2),
        Err(RedisError::Auth(AuthFault::TokenRefused))
    );
}

#[test]
fn pipeline_items_have_their_own_fate() {
    let reply = reply(r#"[{"result":"PONG"},{"error":"NOPERM x"},{"result":[null,"7"],"error":null},{}]"#);
    let items = reply.items(4).unwrap();
    assert_eq!(items[0], Ok(Value::Text("PONG".into())));
    assert_eq!(items[1], Err(RedisError::Auth(AuthFault::NoPermission)));
    assert_eq!(items[2], Ok(Value::Array(vec![Value::Nil, Value::Text("7".into())])));
    assert_eq!(items[3], Err(invalid(Oddity::NotA("a reply with a result"))));
}

#[test]
fn a_pipeline_that_is_no_list_of_the_right_length_is_refused() {
    let length = Oddity::Length { expected: 2, received: 1 };
    assert_eq!(reply(r#"[{"result":1}]"#).items(2), Err(invalid(length)));
    assert_eq!(reply(r#"["a"]"#).items(1), Err(invalid(Oddity::NotA("a list of replies"))));
    assert_eq!(reply(r#"{"result":1}"#).items(1), Err(invalid(Oddity::NotA("a list of replies"))));
    let busy = RedisError::Unavailable { attempts: 2, outage: Outage::Busy };
    assert_eq!(reply(r#"{"error":"BUSY x"}"#).items(1), Err(busy));
    assert_eq!(reply("[").items(1), Err(invalid(Oddity::NotJson)));
}

#[test]
fn debug_output_holds_no_value() {
    assert_eq!(format!("{:?}", reply(r#"{"result":"hunter2"}"#)), r#"Reply { bytes: 20 }"#);
}

/// What became of the first command, and the texts of the second.
type Beside = (Result<i64, RedisError>, Vec<Option<String>>);

fn beside(body: &str, expected: usize) -> Result<Beside, RedisError> {
    let mut texts = Vec::new();
    let reply = reply(body);
    let mut others =
        reply.texts_among((1, 0), expected, |_, text| texts.push(text.as_deref().map(str::to_owned)))?;
    assert_eq!(others.len(), 1);
    Ok((others.remove(0).and_then(Value::into_integer), texts))
}

#[test]
fn texts_come_one_by_one_behind_the_value_of_another_command() {
    let both = beside(r#"[{"result":7},{"result":["a",null,"\u00e9"]}]"#, 3);
    let texts = vec![Some("a".to_owned()), None, Some("\u{e9}".to_owned())];
    assert_eq!(both, Ok((Ok(7), texts)));
}

#[test]
fn the_first_command_may_be_refused_without_the_second() {
    let (first, texts) = beside(r#"[{"error":"NOPERM x"},{"result":["a"]}]"#, 1).unwrap();
    assert_eq!((first, texts.len()), (Err(RedisError::Auth(AuthFault::NoPermission)), 1));
}

#[test]
fn anything_but_two_replies_with_the_texts_that_were_asked_for_is_refused() {
    let not_a = |expected| Err(invalid(Oddity::NotA(expected)));
    let pair = "values and an array of texts";
    for body in [
        "[]",
        r#"[{"result":7}]"#,
        r#"[{"result":7},{"result":["a"]},{"result":1}]"#,
        r#"[{"result":7},{"result":"a"}]"#,
    ] {
        assert_eq!(beside(body, 1), not_a(pair), "{body}");
    }
    assert_eq!(beside(r#"[{"result":7},{"result":null}]"#, 1), not_a("an array of texts"));
    let short = Oddity::Length { expected: 2, received: 1 };
    assert_eq!(beside(r#"[{"result":7},{"result":["a"]}]"#, 2), Err(invalid(short)));
    let busy = RedisError::Unavailable { attempts: 2, outage: Outage::Busy };
    assert_eq!(beside(r#"[{"result":7},{"error":"LOADING x"}]"#, 1), Err(busy.clone()));
    assert_eq!(beside(r#"{"error":"LOADING x"}"#, 1), Err(busy));
    assert_eq!(beside(r#"[{"result":7},{"result":["a"#, 1), Err(invalid(Oddity::NotJson)));
}

#[test]
fn texts_come_one_by_one_between_the_values_of_other_commands() {
    let among = |body: &str, places| {
        let mut texts = 0;
        let reply = reply(body);
        let others = reply.texts_among(places, 2, |_, text| texts += usize::from(text.is_some()))?;
        Ok((others.into_iter().map(|other| other.and_then(Value::into_integer)).collect::<Vec<_>>(), texts))
    };
    let three = r#"[{"result":7},{"result":["a",null]},{"error":"NOPERM x"}]"#;
    let refused = RedisError::Auth(AuthFault::NoPermission);
    assert_eq!(among(three, (1, 1)), Ok((vec![Ok(7), Err(refused)], 1)));
    let two = r#"[{"result":["a","b"]},{"result":2}]"#;
    assert_eq!(among(two, (0, 1)), Ok((vec![Ok(2)], 2)));
    for (body, places) in [(three, (0, 1)), (two, (1, 1)), (two, (0, 0)), (two, (0, 2))] {
        let not_a = Err(invalid(Oddity::NotA("values and an array of texts")));
        assert_eq!(among(body, places), not_a, "{body} {places:?}");
    }
}

#[test]
fn a_pipeline_is_read_in_one_pass_as_piece_by_piece() {
    let whole = r#"[{"result":["1",null]},{"result":["{\"a\":\"\\\\é\"}",null,"b"]},{"error":"NOPERM x"}]"#;
    let read = |body: &str, places| {
        let mut texts = Vec::new();
        let reply = reply(body);
        let each = |index: usize, text: Option<Text<'_>>| {
            assert_eq!(index, texts.len(), "{body}");
            texts.push(text.as_deref().map(str::to_owned));
        };
        let others = reply.texts_among(places, 3, each);
        let others = others.map(|others| format!("{others:?}"));
        others.map(|others| (others, texts))
    };
    let odd = [
        whole.replace("é", "\\u00e9"),
        whole.replace(",\"b\"", ""),
        whole.replace("\"b\"", "\"b\",\"c\""),
        whole.replace("\"b\"", "7"),
        whole.replace("\"b\"]", "\"b\"],\"error\":\"ERR x\""),
        whole.replace("[\"1\",null]", "[[\"1\"],-7]"),
        whole.replace("},{", "} , {"),
        format!("{whole} "),
        format!("{whole}]"),
    ];
    let cuts = whole.char_indices().filter_map(|(at, _)| whole.get(..at).map(str::to_owned));
    for body in cuts.chain([whole.to_owned()]).chain(odd) {
        for places in [(1, 1), (1, 0), (0, 2), (2, 0), (0, 0)] {
            // The quick way knows no space at the beginning.
            assert_eq!(read(&body, places), read(&format!(" {body}"), places), "{body} {places:?}");
        }
    }
    assert!(read(whole, (1, 1)).is_ok_and(|(_, texts)| texts.len() == 3));
}

#[test]
fn texts_of_a_pipeline_are_known_as_sent() {
    let sent = |body: &str| {
        let mut sent = Vec::new();
        reply(body).texts_among((1, 0), 1, |_, text| {
            sent.push(text.and_then(|text| text.as_sent().map(str::to_owned)))
        })?;
        Ok(sent)
    };
    let body = r#"[{"result":7},{"result":["{\"a\":1}"]}]"#;
    assert_eq!(sent(body), Ok::<_, RedisError>(vec![Some(r#"{\"a\":1}"#.to_owned())]));
    assert_eq!(sent(&format!(" {body}")), Ok(vec![None]), "the general reader does not know");
}
