use super::*;
use proptest::prelude::*;

/// Addresses of the chain's own documents and of the recordings.
const ADDRESSES: [(&str, u8, &str); 4] = [
    ("SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7", 22, "a46ff88886c2ef9762d970b4d2c63678835bd39d"),
    ("SP000000000000000000002Q6VF78", 22, "0000000000000000000000000000000000000000"),
    ("ST000000000000000000002AMW42H", 26, "0000000000000000000000000000000000000000"),
    ("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM", 26, "6d78de7b0625dfbfc16c3a8a5735f6dc3dc3f2ce"),
];

#[test]
fn addresses_have_one_text_each() {
    for (text, version, hash) in ADDRESSES {
        let principal = Principal::parse(text).unwrap();
        assert_eq!((principal.version(), principal.hash().to_vec()), (version, hex_bytes(hash).unwrap()));
        assert_eq!(principal.to_string(), text);
        assert_eq!(Principal::parse(&format!("{text}.a-b_1")).unwrap().contract(), Some("a-b_1"));
    }
}

#[test]
fn text_that_is_no_principal_is_refused() {
    let (good, ..) = ADDRESSES[0];
    let long = format!("{good}.{}", "a".repeat(41));
    let small = good.to_lowercase();
    let with_o = ADDRESSES[1].0.replace("000", "OOO");
    for bad in ["", "S", "SP", "SP0", "é", good.trim_start_matches('S'), &long, &small, &with_o] {
        assert!(Principal::parse(bad).is_err(), "{bad}");
    }
    for name in ["", ".", "1a", "-a", "a b", "a:b", "a.b", "é"] {
        assert_eq!(
            Principal::parse(&format!("{good}.{name}")),
            Err(ClarityError::InvalidPrincipal),
            "{name}"
        );
    }
    let wrong = good.replace("EJ7", "EJ8");
    assert_eq!(Principal::parse(&wrong), Err(ClarityError::Checksum));
    assert_eq!(Principal::parse(&good.replace("SP", "ST")), Err(ClarityError::Checksum));
}

#[test]
fn bytes_follow_the_format_of_the_chain() {
    let principal = Principal::parse(ADDRESSES[0].0).unwrap();
    let hash = ADDRESSES[0].2;
    let contract = Principal::parse(&format!("{}.ab", ADDRESSES[0].0)).unwrap();
    let tuple = Tuple::new([("b", Value::Bool(false)), ("a", Value::None)]).unwrap();
    for (value, hex, text) in [
        (Value::Int(-1), "0x00ffffffffffffffffffffffffffffffff".into(), "-1".into()),
        (Value::Uint(258), "0x0100000000000000000000000000000102".into(), "u258".into()),
        (Value::Buffer(vec![1, 255]), "0x020000000201ff".into(), "0x01ff".into()),
        (Value::Principal(principal), format!("0x0516{hash}"), ADDRESSES[0].0.into()),
        (Value::Principal(contract), format!("0x0616{hash}026162"), format!("{}.ab", ADDRESSES[0].0)),
        (Value::Ok(Box::new(Value::Bool(true))), "0x0703".into(), "(ok true)".into()),
        (Value::Err(Box::new(Value::Bool(true))), "0x0803".into(), "(err true)".into()),
        (Value::Some(Box::new(Value::None)), "0x0a09".into(), "(some none)".into()),
        (Value::List(vec![Value::None; 2]), "0x0b000000020909".into(), "(list none none)".into()),
        (Value::Tuple(tuple), "0x0c00000002016109016204".into(), "(tuple (a none) (b false))".into()),
        (Value::StringAscii("hi".into()), "0x0d000000026869".into(), "\"hi\"".into()),
        (Value::StringUtf8("é".into()), "0x0e00000002c3a9".into(), "u\"é\"".into()),
    ] {
        let text: String = text;
        assert_eq!((value.to_hex(), value.to_string()), (hex, text));
        assert_eq!(Value::read(&value.to_bytes()), Ok(value));
    }
}

#[test]
fn bytes_that_no_value_has_are_refused_by_name() {
    use ClarityError::*;
    for (hex, error) in [
        ("0x", Truncated),
        ("0x0100", Truncated),
        ("0x0f", UnknownType { byte: 15 }),
        ("0x0303", TrailingBytes { count: 1 }),
        ("0x02ffffffff00", Truncated),
        ("0x0bffffffff09", Truncated),
        ("0x0b0000000209", Truncated),
        ("0x0d0000000100", InvalidString),
        ("0x0d00000002c3a9", InvalidString),
        ("0x0e00000001ff", InvalidString),
        ("0x0c00000002016209016104", TupleOrder),
        ("0x0c00000002016109016104", TupleOrder),
        ("0x0c000000010009", InvalidName),
        ("0x0c0000000101ff09", InvalidName),
        ("0x0520a46ff88886c2ef9762d970b4d2c63678835bd39d", InvalidPrincipal),
        ("0x0616a46ff88886c2ef9762d970b4d2c63678835bd39d00", InvalidPrincipal),
        ("0x0", InvalidHex),
        ("0xzz", InvalidHex),
        ("0x+1", InvalidHex),
    ] {
        assert_eq!(Value::from_hex(hex), Err(error), "{hex}");
    }
    let nested = |depth: usize| [vec![0x0a; depth - 1], vec![0x09]].concat();
    assert!(Value::read(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(Value::read(&nested(MAX_DEPTH + 1)), Err(TooDeep));
    assert_eq!(Value::read(&nested(1_000_000)), Err(TooDeep));
    assert_eq!(Value::read(&vec![0; MAX_BYTES + 1]), Err(TooLong));
    assert_eq!(Tuple::new([("a b", Value::None)]), Err(InvalidName));
}

fn principals() -> impl Strategy<Value = Principal> {
    (0..32_u8, any::<[u8; 20]>(), 0..21_usize, proptest::option::of("[a-zA-Z][a-zA-Z0-9_-]{0,39}")).prop_map(
        |(version, mut hash, zeros, name)| {
            hash[..zeros].fill(0);
            Principal::new(version, hash, name.as_deref()).unwrap()
        },
    )
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i128>().prop_map(Value::Int),
        any::<u128>().prop_map(Value::Uint),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Buffer),
        any::<bool>().prop_map(Value::Bool),
        principals().prop_map(Value::Principal),
        Just(Value::None),
        "[ -~\n\t]{0,20}".prop_map(Value::StringAscii),
        "\\PC{0,20}".prop_map(Value::StringUtf8),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let names = "[a-zA-Z][a-zA-Z0-9!?+<>=/*_-]{0,20}";
        prop_oneof![
            inner.clone().prop_map(|value| Value::Ok(Box::new(value))),
            inner.clone().prop_map(|value| Value::Err(Box::new(value))),
            inner.clone().prop_map(|value| Value::Some(Box::new(value))),
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::btree_map(names, inner, 0..6).prop_map(|entries| {
                let entries = entries.iter().map(|(name, value)| (name.clone(), value.clone()));
                Value::Tuple(Tuple::new(entries).unwrap())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_that_is_written_is_read_again(value in values()) {
        prop_assert_eq!(Value::read(&value.to_bytes()), Ok(value.clone()));
        prop_assert_eq!(Value::from_hex(&value.to_hex()), Ok(value));
    }

    #[test]
    fn a_principal_that_is_written_is_read_again(principal in principals()) {
        prop_assert_eq!(Principal::parse(&principal.to_string()), Ok(principal));
    }

    #[test]
    fn bytes_that_are_read_are_written_again(mut bytes in values().prop_map(|v| v.to_bytes()), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let place = at.index(bytes.len());
        bytes[place] = byte;
        if let Ok(value) = Value::read(&bytes) {
            prop_assert_eq!(value.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_bytes_and_any_text_end_well(bytes in proptest::collection::vec(0..20_u8, 0..60), text in "S[0-9A-Zé.]{0,45}") {
        if let Ok(value) = Value::read(&bytes) {
            prop_assert_eq!(value.to_bytes(), bytes);
        }
        if let Ok(principal) = Principal::parse(&text) {
            prop_assert_eq!(principal.to_string(), text);
        }
    }
}
