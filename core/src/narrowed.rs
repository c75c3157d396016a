//! Which limits of a request may be why there is no quote.

/// The fields, in the order in which they are named.
const FIELDS: [&str; 7] =
    ["pools", "exclude_pools", "via", "max_hops", "max_splits", "max_bins", "max_reads"];

/// A set of fields of a request that narrow what is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Narrowed(u8);

impl Narrowed {
    /// All of them.
    pub const ALL: Self = Self(0x7f);
    pub(crate) const POOLS: Self = Self(1);
    pub(crate) const EXCLUDE_POOLS: Self = Self(2);
    pub(crate) const VIA: Self = Self(4);
    pub(crate) const MAX_HOPS: Self = Self(8);
    pub(crate) const MAX_SPLITS: Self = Self(16);
    pub(crate) const MAX_BINS: Self = Self(32);
    pub(crate) const MAX_READS: Self = Self(64);

    /// With another one, if it narrows.
    pub(crate) const fn with(self, field: Self, narrows: bool) -> Self {
        if narrows { Self(self.0 | field.0) } else { self }
    }

    /// Tells their names.
    pub(crate) fn each(self, tell: &mut dyn FnMut(&str)) {
        let mut left = self.0;
        for name in &FIELDS {
            if left & 1 == 1 {
                tell(name);
            }
            left >>= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn names(narrowed: Narrowed) -> Vec<String> {
        let mut names = Vec::new();
        narrowed.each(&mut |name| names.push(name.to_owned()));
        names
    }

    #[test]
    fn every_one_is_a_field_of_a_request_and_named_by_its_own_name() {
        assert_eq!(names(Narrowed::ALL), FIELDS);
        for (field, name) in [
            (Narrowed::POOLS, "pools"),
            (Narrowed::EXCLUDE_POOLS, "exclude_pools"),
            (Narrowed::VIA, "via"),
            (Narrowed::MAX_HOPS, "max_hops"),
            (Narrowed::MAX_SPLITS, "max_splits"),
            (Narrowed::MAX_BINS, "max_bins"),
            (Narrowed::MAX_READS, "max_reads"),
        ] {
            assert_eq!(names(Narrowed::default().with(field, true)), [name]);
            assert_eq!(Narrowed::default().with(field, false), Narrowed::default());
        }
    }
}
