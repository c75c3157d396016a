//! One pool with all its bins, judged as a quote would judge them.

use dlmm_core::api::SkippedPool;
use dlmm_core::network::decimals::{DecimalTable, Origin};
use dlmm_core::network::state::{PoolState, Stamp};
use dlmm_core::pool::suspect::suspicions;
use dlmm_core::stored::{HEIGHT_FIELD, PoolRouting, PoolValue, StoredPool, keys};
use dlmm_core::units::{BinId, PoolId, Symbol};

use super::findings::{Finding, NO_HEIGHT};
use crate::stored_value::StoredValue;

/// The default fee of a pool without one plays no part in what is checked.
const ANY_FEE: u16 = 0;

/// Everything that is wrong with a pool: each broken value, then what contradicts each other.
pub(super) fn check(
    id: &PoolId,
    routing: Option<&PoolRouting>,
    stored: &StoredPool<'_>,
    decimals: &DecimalTable,
) -> Vec<Finding> {
    let key = keys::pool(id);
    let of_another_type =
        stored.left_out.iter().map(|SkippedPool { key, reason }| Finding::error(key, reason));
    let Some(text) = stored.value.as_deref() else {
        let mut told: Vec<Finding> = of_another_type.filter(|finding| finding.key == key).collect();
        if told.is_empty() {
            told.push(Finding::error(key, "there is no such value"));
        }
        return told;
    };
    let Some(routing) = routing.filter(|routing| routing.pool.id == *id) else {
        let reason = match PoolRouting::parse(text) {
            Ok(routing) => format!("pool_id is {}", routing.pool.id),
            Err(reason) => reason,
        };
        return Vec::from([Finding::error(key, reason)]);
    };
    // A paused pool will trade again, so its values are judged as well.
    let active = as_active(text);
    let value = active.as_deref().unwrap_or(text);
    let judge = |bins: Vec<(BinId, &str)>| {
        let stored = StoredPool::new(Some(value), (BinId::MIN, BinId::MAX), bins);
        stored.state(&routing.pool, decimals, ANY_FEE)
    };
    if let PoolState::Skipped { key, reason } = judge(Vec::new()) {
        return Vec::from([Finding::error(key, reason)]);
    }
    // Redis names every bin by its key.
    let bins: Vec<(BinId, &str)> =
        stored.bins.iter().filter_map(|(bin, text)| Some(((*bin)?, &**text))).collect();
    let broken = bins.iter().filter_map(|(bin, text)| match judge(vec![(*bin, text)]) {
        PoolState::Skipped { key, reason } => Some((*bin, Finding::error(key, reason))),
        _ => None,
    });
    let (broken, mut findings): (Vec<BinId>, Vec<Finding>) = broken.unzip();
    findings.extend(of_another_type);
    let state = judge(bins.into_iter().filter(|(bin, _)| !broken.contains(bin)).collect());
    if let PoolState::Ready { pool, last_updated, .. } = state {
        findings.extend(
            suspicions(&pool, BinId::MIN, BinId::MAX)
                .map(|(bin, suspicion)| Finding::warning(keys::bin(id, bin), suspicion.reason())),
        );
        findings.extend(without_time(&key, last_updated.as_ref()));
    }
    findings.extend(of_no_block(&key, value));
    findings.extend(of_fees(value).map(|reason| Finding::warning(&key, reason)));
    let PoolRouting { pool, decimals_x, decimals_y, .. } = routing;
    for (token, stated) in [(&pool.token_x, *decimals_x), (&pool.token_y, *decimals_y)] {
        findings.extend(of_decimals(token, stated, decimals).map(|reason| Finding::warning(&key, reason)));
    }
    findings
}

/// What is doubtful about the decimals of a token, of which this pool states so many.
fn of_decimals(token: &Symbol, stated: Option<u8>, decimals: &DecimalTable) -> Option<String> {
    if decimals.of(token).1 == Origin::Assumed {
        return Some(format!("nothing states the decimals of {token}; 18 is assumed"));
    }
    let (usual, origin) = DecimalTable::default().of(token);
    let stated = stated.filter(|stated| origin == Origin::WellKnown && *stated != usual)?;
    Some(format!(
        "{token} is known to have {usual} decimals, and has {stated} here; pools that state none are read with {stated}"
    ))
}

/// The value with the status `active`; `None` where it has an unknown status.
fn as_active(text: &str) -> Option<String> {
    let mut value = StoredValue::parse(text).ok()?;
    matches!(value.text("status")?.as_str(), "paused" | "inactive").then_some(())?;
    value.set_text("status", "active").ok()?;
    value.to_text().ok()
}

fn without_time(key: &str, last_updated: Option<&Stamp>) -> Option<Finding> {
    match last_updated {
        None => Some(Finding::warning(key, "last_updated is missing, so the age of its quotes is unknown")),
        Some(stamp) if stamp.at_ms.is_none() => Some(Finding::warning(key, "last_updated is not a time")),
        Some(_) => None,
    }
}

/// Fees that count as 0 because others of their side are given: a quote without them is too good.
fn of_fees(value: &str) -> impl Iterator<Item = String> {
    let value = StoredValue::parse(value).ok();
    let states = move |name: &String| value.as_ref().is_some_and(|value| value.states(name));
    ["x", "y"].into_iter().filter_map(move |side| {
        let names = ["protocol", "provider", "variable"].map(|kind| format!("{side}_{kind}_fee"));
        let (given, missing): (Vec<String>, Vec<String>) = names.into_iter().partition(&states);
        let first = given.first().filter(|_| !missing.is_empty())?;
        let counts = if missing.len() == 1 { "is missing and counts" } else { "are missing and count" };
        Some(format!("{} {counts} as 0, since {first} is given", missing.join(" and ")))
    })
}

/// A height that is none counts as not known, so that no quote can be asked for from a block on.
fn of_no_block(key: &str, value: &str) -> Option<Finding> {
    let is_stated = StoredValue::parse(value).is_ok_and(|value| value.states(HEIGHT_FIELD));
    let is_known = PoolValue::parse(value, ANY_FEE).is_ok_and(|value| value.block_height.is_some());
    (is_stated && !is_known).then(|| Finding::warning(key, NO_HEIGHT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = r#"{"pool_id":"P","token_x":"BTC","token_y":"USDC","active_bin_id":500,"status":"paused","last_updated":1}"#;
    const BIN: &str = r#"{"bin_id":500,"reserve_x":"1","reserve_y":"1","price_e8":"1"}"#;

    fn found(value: &str, bins: &[(u16, &str)]) -> Vec<String> {
        let id = PoolId::new("P").unwrap();
        let bins = bins.iter().map(|(bin, text)| (BinId::new(*bin).unwrap(), *text));
        let stored = StoredPool::new(Some(value), (BinId::MIN, BinId::MAX), bins);
        let routing = PoolRouting::parse(value).ok();
        let findings = check(&id, routing.as_ref(), &stored, &DecimalTable::default());
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_pool_has_no_findings_even_when_paused() {
        assert_eq!(found(POOL, &[(500, BIN)]), Vec::<String>::new());
    }

    #[test]
    fn every_broken_bin_is_named_not_only_the_first() {
        let below = BIN.replace("500", "499");
        let findings = found(POOL, &[(498, "{"), (499, &below.replace("\"1\"", "\"-1\"")), (500, BIN)]);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].starts_with("error    bin:P:498: not a bin value"));
        assert_eq!(findings[1], "error    bin:P:499: reserve_x is negative");
    }

    #[test]
    fn fees_that_count_as_none_are_named() {
        let with = |fees: &str| found(&POOL.replacen('{', &format!("{{{fees},"), 1), &[(500, BIN)]);
        let side = r#""x_protocol_fee":0,"x_provider_fee":30,"x_variable_fee":0"#;
        assert_eq!(with(side), Vec::<String>::new(), "the other side has the default");
        assert_eq!(
            with(&side.replace("x_provider_fee", "x_provider_fees")),
            ["warning  pool:P: x_provider_fee is missing and counts as 0, since x_protocol_fee is given"]
        );
        assert_eq!(
            with(r#""y_variable_fee":3"#),
            [
                "warning  pool:P: y_protocol_fee and y_provider_fee are missing and count as 0, since y_variable_fee is given"
            ]
        );
    }

    #[test]
    fn contradictions_are_warnings() {
        let above = BIN.replace("500", "501");
        let below = r#"{"bin_id":499,"reserve_x":"0","reserve_y":"1","price_e8":"5"}"#;
        assert_eq!(
            found(POOL, &[(499, below), (500, BIN), (501, &above)]),
            [
                "warning  bin:P:500: the price is below that of a lower bin",
                "warning  bin:P:501: the bin holds a token on the wrong side of the active bin"
            ]
        );
    }

    #[test]
    fn a_broken_pool_value_is_an_error_and_missing_facts_are_warnings() {
        let with = |from: &str, to: &str| found(&POOL.replace(from, to), &[(500, BIN)]);
        assert_eq!(with("\"P\"", "\"Q\""), ["error    pool:P: pool_id is Q"]);
        assert_eq!(with("paused", "closed"), ["error    pool:P: status is not active, inactive or paused"]);
        assert_eq!(
            with("BTC", "ODD"),
            ["warning  pool:P: nothing states the decimals of ODD; 18 is assumed"]
        );
        assert_eq!(
            with("\"status\"", r#""token_x_decimals":18,"status""#),
            [
                "warning  pool:P: BTC is known to have 8 decimals, and has 18 here; pools that state none are read with 18"
            ]
        );
        assert_eq!(with("\"status\"", r#""token_x_decimals":8,"status""#), [""; 0]);
        assert_eq!(
            with("\"last_updated\":1", "\"last_updated\":\"once\""),
            ["warning  pool:P: last_updated is not a time"]
        );
        assert_eq!(with(",\"last_updated\":1", "").len(), 1);
        for (height, is_wrong) in
            [("\"abc\"", true), ("-1", true), ("1e30", true), ("5", false), ("\"5\"", false), ("null", false)]
        {
            let told = with("\"status\"", &format!(r#""block_height":{height},"status""#));
            let warning = "warning  pool:P: block_height is not the height of a block".to_owned();
            assert_eq!(told, Vec::from_iter(is_wrong.then_some(warning)), "{height}");
        }
    }
}
