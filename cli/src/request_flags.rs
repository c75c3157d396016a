//! The fields of a quote request as options; which there are, and what they mean and may be, is core's business.

use clap::error::Error;
use clap::{Arg, ArgGroup, ArgMatches, Args, Command, FromArgMatches, Id};
use dlmm_core::api::{About, FieldValue, Place, PlanPart, RequestField, request_fields, request_from_fields};
use dlmm_core::error::QuoteError;
use dlmm_core::quote::QuoteRequest;

use crate::plain_amount::plainly_written;

/// What other options call all of them together.
const GROUP: &str = "RequestFlags";

/// One option for every field of `POST /quote`.
#[derive(Debug, Default)]
pub(crate) struct RequestFlags {
    /// Names and texts of the fields that are given.
    given: Vec<(&'static str, String)>,
}

impl RequestFlags {
    /// Reads the request from the options that are given.
    pub(crate) fn request(&self) -> Result<QuoteRequest, QuoteError> {
        let fields = self.given.iter().map(|(name, text)| (*name, FieldValue::Text(text)));
        request_from_fields(fields)
    }
}

impl RequestFlags {
    /// As [`Self::request`]; a refusal says how an amount is written that has its digits in groups.
    pub(crate) fn request_in_words(&self) -> Result<QuoteRequest, QuoteError> {
        self.request().map_err(|refusal| self.plainly(refusal))
    }

    fn plainly(&self, refusal: QuoteError) -> QuoteError {
        let QuoteError::InvalidRequest { field, reason } = refusal else { return refusal };
        let text = self.given.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str());
        let plain = text.filter(|_| field.starts_with("amount")).and_then(plainly_written);
        let reason = match plain {
            Some(plain) => format!("{reason}; without groups, and with a point, it is {plain}"),
            None => reason,
        };
        QuoteError::InvalidRequest { field, reason }
    }
}

impl Args for RequestFlags {
    fn group_id() -> Option<Id> {
        Some(Id::from(GROUP))
    }

    fn augment_args(command: Command) -> Command {
        let names = options().map(|(field, _)| field.name).chain(PLACES.map(|place| place.name));
        command
            .next_help_heading("Request")
            .group(ArgGroup::new(GROUP).multiple(true).args(names))
            .args(options().map(option))
            .args(PLACES.map(place))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RequestFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let text = |name| matches.get_one::<String>(name).cloned();
        let names = options().map(|(field, _)| field.name);
        let by_name = names.filter_map(|name| Some((name, text(name)?)));
        let by_place = PLACES.into_iter().filter_map(|place| Some((place.field, text(place.name)?)));
        Ok(Self { given: by_name.chain(by_place).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A field that may be given without its name: `dlmm quote BTC USDC 1`.
struct ByPlace {
    name: &'static str,
    field: &'static str,
    /// Fields that cannot be given beside it.
    instead_of: &'static [&'static str],
    help: &'static str,
}

const PLACES: [ByPlace; 3] = [
    ByPlace { name: "TOKEN_IN", field: "token_in", instead_of: &["token_in"], help: "What goes in" },
    ByPlace { name: "TOKEN_OUT", field: "token_out", instead_of: &["token_out"], help: "What comes out" },
    ByPlace {
        name: "AMOUNT",
        field: "amount_in",
        instead_of: &["amount_in", "amount_in_atomic", "amount_out", "amount_out_atomic"],
        help: "How much goes in, in whole tokens",
    },
];

fn place(place: ByPlace) -> Arg {
    // Under the heading of arguments, not under that of the options.
    let arg = Arg::new(place.name).help_heading(None).help(place.help);
    arg.conflicts_with_all(place.instead_of).allow_negative_numbers(true)
}

/// The fields that have options: all but the object, whose parts have their own.
fn options() -> impl Iterator<Item = (&'static RequestField, &'static About)> {
    request_fields().filter(|(field, _)| !matches!(field.place, Place::Plan))
}

fn option((field, about): (&RequestField, &'static About)) -> Arg {
    let option = Arg::new(field.name)
        .long(field.name.replace('_', "-"))
        .value_name(about.value_name)
        .help(help(field, about));
    match field.place {
        _ if takes_no_word(field) => {
            option.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        Place::Token(_) | Place::Pools(_) | Place::Tokens(_) => option,
        // What is below zero is refused by core, which says why.
        _ => option.allow_hyphen_values(true),
    }
}

/// A flag: true where it stands alone.
const fn takes_no_word(field: &RequestField) -> bool {
    matches!(field.place, Place::Flag(_) | Place::DirectOnly | Place::PlanPart(PlanPart::FeeExempt))
}

/// Whether an option of this name is a flag.
pub(crate) fn is_flag(name: &str) -> bool {
    options().any(|(field, _)| takes_no_word(field) && field.name.replace('_', "-") == name)
}

fn help(field: &RequestField, about: &About) -> String {
    let meaning = about.meaning.replace('`', "");
    let bounds = match field.place {
        Place::Small(_, min, max) => format!(" From {min} to {max}."),
        Place::Number(_, min, max) | Place::Limit(_, min, max) => format!(" From {min} to {max}."),
        Place::Pools(_) => " Ids, separated by commas.".to_owned(),
        Place::Tokens(_) => " Symbols, separated by commas.".to_owned(),
        _ => String::new(),
    };
    let absent = field.default_value().map(|default| format!(" Absent: {default}.")).unwrap_or_default();
    format!("{meaning}{bounds}{absent}").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use dlmm_core::api::request_from_json;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: RequestFlags,
    }

    fn request(line: &str) -> Result<QuoteRequest, QuoteError> {
        Line::try_parse_from(std::iter::once("dlmm").chain(line.split(' '))).unwrap().flags.request()
    }

    #[test]
    fn every_field_means_what_it_means_over_http() {
        let line = "--token-in BTC --token-out USDC --amount-in 1.5 --slippage-bps 7 --max-hops 2 --max-splits 0 \
                    --max-bins 9 --direct-only=false --allow-partial --pools P,Q --exclude-pools R --via SOL \
                    --max-age-ms 5 --strict --explain --include-state --include-steps=false --max-reads 99 --plan-mode strict --plan-fee-exempt \
                    --plan-sender ST1SJ3DTE5DN7X54YDH5D64R3BCB6A2AG2ZQ8YPD5";
        let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in":1.5,"slippage_bps":7,"max_hops":2,"max_splits":0,
            "max_bins":9,"direct_only":false,"allow_partial":true,"pools":["P","Q"],"exclude_pools":["R"],
            "via":["SOL"],"max_age_ms":5,"strict":true,"explain":true,"include_state":true,"include_steps":false,"max_reads":99,
            "plan":{"sender":"ST1SJ3DTE5DN7X54YDH5D64R3BCB6A2AG2ZQ8YPD5","mode":"strict","fee_exempt":true}}"#;
        assert_eq!(request(line), request_from_json(body));
        let atomic = "--token-in BTC --token-out USDC --amount-in-atomic 5";
        let body = r#"{"token_in":"BTC","token_out":"USDC","amount_in_atomic":"5"}"#;
        assert_eq!(request(atomic), request_from_json(body));
        for (field, flag) in
            [("amount_out", "--amount-out 5"), ("amount_out_atomic", "--amount-out-atomic 5")]
        {
            let body = format!(r#"{{"token_in":"BTC","token_out":"USDC","{field}":"5"}}"#);
            assert_eq!(request(&format!("--token-in BTC --token-out USDC {flag}")), request_from_json(&body));
        }
    }

    #[test]
    fn tokens_and_amount_need_no_names() {
        let named = request("--token-in BTC --token-out USDC --amount-in 1.5");
        for line in ["BTC USDC 1.5", "BTC USDC --amount-in 1.5", "BTC --token-out USDC --amount-in 1.5"] {
            assert_eq!(request(line), named, "{line}");
        }
        let out = request("--token-in BTC --token-out USDC --amount-out 9 --max-hops 2");
        assert_eq!(request("--max-hops 2 BTC USDC --amount-out 9"), out);
        for twice in
            ["BTC USDC 1 --amount-out 9", "BTC USDC 1 --token-in BTC", "BTC USDC --token-out SOL", "A B 1 2"]
        {
            let line = std::iter::once("dlmm").chain(twice.split(' '));
            assert!(Line::try_parse_from(line).is_err(), "{twice}");
        }
    }

    #[test]
    fn every_field_has_an_option_that_says_what_it_is() {
        let command = <RequestFlags as clap::Args>::augment_args(clap::Command::new("quote"));
        for (field, about) in options() {
            let option = command.get_arguments().find(|option| option.get_id() == field.name).unwrap();
            assert_eq!(option.get_long().unwrap().replace('-', "_"), field.name);
            let told = option.get_help().unwrap().to_string();
            assert!(about.meaning.replace('`', "").starts_with(told.split('.').next().unwrap()), "{told}");
        }
        let help = |name: &str| {
            command.get_arguments().find(|one| one.get_id() == name).unwrap().get_help().unwrap().to_string()
        };
        assert_eq!(help("max_hops"), "Pools in a row, at most. From 1 to 4. Absent: 3");
        assert_eq!(
            help("via"),
            "Pass only through these tokens. One that no pool holds is told by the warning FILTER_UNKNOWN. Symbols, separated by commas"
        );
    }

    #[test]
    fn what_is_wrong_is_said_by_core() {
        for (line, field) in [
            ("BTC USDC", "amount_in"),
            ("BTC USDC -1", "amount_in"),
            ("--token-in BTC", "token_out"),
            ("--token-in BTC --token-out USDC", "amount_in"),
            ("--token-in BTC --token-out USDC --amount-in -1", "amount_in"),
            ("--token-in BTC --token-out USDC --amount-in 1 --max-hops -3", "max_hops"),
            ("--token-in BTC --token-out USDC --amount-in 1 --strict=yes", "strict"),
        ] {
            match request(line) {
                Err(QuoteError::InvalidRequest { field: named, .. }) => assert_eq!(named, field, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
