//! A plan as JSON.

use super::number::Units;
use crate::clarity::{Principal, Value};
use crate::json::{Plain, ToJson, list, object};
use crate::plan::{Drift, Plan, PostCondition};
use crate::quote::{Choice, Compared, PlanMode};
use alloc::string::{String, ToString};

/// A plan, and what was compared for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlanOf<'a> {
    pub(super) plan: &'a Plan,
    pub(super) choice: Option<&'a Choice>,
}

impl ToJson for PlanOf<'_> {
    fn write(&self, out: &mut String) {
        let Self { plan, choice } = *self;
        object(|f| {
            f.member("contract", Plain(&plan.contract));
            f.member("function", Plain(&plan.function));
            let names = &plan.names;
            f.member("args", list(|f| f.items(plan.args.iter().map(|value| Argument { value, names }))));
            f.member("args_hex", list(|f| f.items(plan.args.iter().map(Value::to_hex))));
            f.member("post_condition_mode", Plain("deny"));
            f.member("post_conditions", list(|f| f.items(&plan.post_conditions)));
            f.member("mode", Plain(plan.mode.as_str()));
            f.member("minimum_received_atomic", Units(plan.minimum));
            f.member("bins", plan.bins);
            f.member("reads", plan.reads);
            f.member("holds", Plain(plan.holds.as_str()));
            f.member("proven", plan.proven);
            if let Some(Choice { simple, explicit, chosen }) = choice {
                let compared = object(|f| {
                    f.member("chosen", Plain(chosen.as_str()));
                    f.member(PlanMode::Simple.as_str(), simple);
                    f.member(PlanMode::Explicit.as_str(), explicit);
                });
                f.member("compared", compared);
            }
        })
        .write(out);
    }
}

impl ToJson for &Compared {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("amount_in_atomic", Units(self.amount_in));
            f.member("amount_out_atomic", Units(self.amount_out));
            f.member("reads", self.reads);
        })
        .write(out);
    }
}

impl ToJson for &PostCondition {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("principal", Plain(&self.principal));
            f.member("asset", &self.asset);
            f.member("condition", Plain(self.condition.as_str()));
            f.member("amount", Units(self.amount));
        })
        .write(out);
    }
}

impl ToJson for &Drift {
    fn write(&self, out: &mut String) {
        object(|f| {
            f.member("bins", self.bins);
            f.member("amount_out_atomic", Units(self.amount_out));
            f.member("result", Plain(if self.passes { "passes" } else { "refused" }));
        })
        .write(out);
    }
}

/// An argument: an object whose one member is named after the type.
struct Argument<'a> {
    value: &'a Value,
    names: &'a [(Principal, String)],
}

impl ToJson for Argument<'_> {
    fn write(&self, out: &mut String) {
        let Self { value, names } = *self;
        object(|f| {
            let kind = value.type_name();
            match value {
                Value::Uint(number) => f.member(kind, Units(*number)),
                Value::Int(number) => f.member(kind, Signed(*number)),
                Value::Bool(truth) => f.member(kind, *truth),
                Value::Principal(principal) => match names.iter().find(|(known, _)| known == principal) {
                    Some((_, text)) => f.member(kind, Plain(text)),
                    None => f.member(kind, Plain(&principal.to_string())),
                },
                Value::List(items) => {
                    f.member(kind, list(|f| f.items(items.iter().map(|value| Argument { value, names }))));
                }
                Value::Tuple(tuple) => f.member(
                    kind,
                    object(|f| {
                        tuple.iter().for_each(|(name, value)| f.member(name, Argument { value, names }));
                    }),
                ),
                // No function of a router takes anything else but an absent optional.
                _ => f.member(kind, None::<bool>),
            }
        })
        .write(out);
    }
}

/// A signed number as a string of digits.
struct Signed(i128);

impl ToJson for Signed {
    fn write(&self, out: &mut String) {
        let start = out.len();
        Units(self.0.unsigned_abs()).write(out);
        if self.0 < 0 {
            // Behind the quotation mark.
            out.insert(start.saturating_add(1), '-');
        }
    }
}
