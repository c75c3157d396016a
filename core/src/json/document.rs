//! Documents from outside: files, bodies and texts that somebody hands over.

/// The text of a document without the byte order mark that some editors put in front of it.
///
/// RFC 8259 (section 8.1) forbids writers the mark and allows readers to pass it over. One is passed over, in front of the
/// whole document and nowhere else.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request_from_json;
    use crate::stored::{Snapshot, sample_snapshot};
    use crate::verify::verify_quote;
    use alloc::format;

    #[test]
    fn one_mark_is_passed_over_in_front() {
        assert_eq!(without_mark("\u{feff}{}"), "{}");
        assert_eq!(without_mark("\u{feff}\u{feff}{}"), "\u{feff}{}");
        assert_eq!(without_mark("{}\u{feff}"), "{}\u{feff}");
    }

    #[test]
    fn every_document_may_have_one() {
        let request = r#"{"token_in":"BTC","token_out":"USDC","amount_in":"1"}"#;
        let marked = format!("\u{feff}{request}");
        assert_eq!(request_from_json(&marked), request_from_json(request));
        assert!(request_from_json(&format!("\u{feff}{marked}")).is_err());
        assert!(request_from_json(&format!(" {marked}")).is_err());
        let sample = sample_snapshot(0);
        let marked = format!("\u{feff}{sample}");
        assert_eq!(Snapshot::parse(&marked).map(|read| read.pools.len()), Ok(3));
        assert!(Snapshot::parse(&format!("\u{feff}{marked}")).is_err());
        // The refusal is that of the document behind the mark.
        let refused = |text: &str| verify_quote(text).expect_err("no quote");
        assert_eq!(refused("\u{feff}{\"success\":false}"), refused("{\"success\":false}"));
    }
}
