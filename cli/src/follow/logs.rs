//! A walk over the pages of a contract's logs, from the newest to the oldest.

use super::api::LogsPage;
use super::fault::Fault;

/// Height, microblock, transaction and event of a cursor.
type Numbers = [u64; 4];

/// Where a walk stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    /// The cursor of the page that was asked for last.
    asked: Option<Numbers>,
    /// Logs on the pages so far.
    seen: u64,
    /// Logs there were when it began; newer ones come above its first page.
    total: Option<u64>,
}

impl Walk {
    /// The height of the page that was asked for last: the newest log on it is of this block.
    pub(crate) fn height(&self) -> Option<u64> {
        self.asked.map(|[height, ..]| height)
    }

    /// Takes a page and gives the cursor of the next older one; `None` behind the last.
    ///
    /// Cursors are numbers from the block's height on, so whichever is below that of this page leads there; `next` and `prev`
    /// are told apart by nothing else.
    ///
    /// # Errors
    /// [`Fault::Node`] where there must be older logs and nothing leads to them.
    pub(crate) fn after(&mut self, page: &LogsPage) -> Result<Option<String>, Fault> {
        let total = *self.total.get_or_insert(page.total);
        self.seen = self.seen.saturating_add(u64::try_from(page.results.len()).unwrap_or(u64::MAX));
        // The newest page need not have a cursor of its own; whatever it leads to is older.
        let own = page.cursor.as_deref().and_then(numbers);
        let bound = self.asked.into_iter().chain(own).min();
        let others = [page.prev_cursor.as_deref(), page.next_cursor.as_deref()];
        let older = others.into_iter().flatten().filter_map(|cursor| Some((numbers(cursor)?, cursor)));
        match older.filter(|(numbers, _)| bound.is_none_or(|bound| *numbers < bound)).max() {
            Some((numbers, cursor)) => {
                self.asked = Some(numbers);
                Ok(Some(cursor.to_owned()))
            }
            None if self.seen < total => {
                let reason = format!("logs: its pages end after {} of {total}", self.seen);
                Err(Fault::Node { reason })
            }
            None => Ok(None),
        }
    }
}

fn numbers(cursor: &str) -> Option<Numbers> {
    let numbers: Option<Vec<u64>> = cursor.split(':').map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWER: &str = "120:0:1:3";
    const OWN: &str = "99:2147483647:4:0";
    const OLDER: &str = "99:2147483647:3:12";
    const OLDEST: &str = "7:2147483647:0:0";

    fn page(cursor: Option<&str>, next: Option<&str>, prev: Option<&str>) -> LogsPage {
        let page = serde_json::json!({
            "total": 3, "cursor": cursor, "next_cursor": next, "prev_cursor": prev,
            "results": [{ "event_index": 0, "tx_id": "0x01", "contract_log": {
                "contract_id": "SP.core", "topic": "print", "value": { "hex": "0x09" } } }],
        });
        serde_json::from_value(page).unwrap()
    }

    fn first(cursor: Option<&str>, next: Option<&str>, prev: Option<&str>) -> Option<String> {
        Walk::default().after(&page(cursor, next, prev)).unwrap()
    }

    #[test]
    fn the_older_page_is_the_one_with_the_lower_numbers_whatever_its_name() {
        let older = Some(OLDER.to_owned());
        assert_eq!(first(Some(OWN), Some(NEWER), Some(OLDER)), older);
        assert_eq!(first(Some(OWN), Some(OLDER), Some(NEWER)), older);
        assert_eq!(first(None, None, Some(OLDER)), older);
        assert_eq!(first(None, Some("no cursor"), Some(OLDER)), older);
        // Nothing between the two is passed over.
        assert_eq!(first(Some(OWN), Some(OLDEST), Some(OLDER)), older);
    }

    #[test]
    fn pages_without_a_cursor_of_their_own_lead_down_all_the_same() {
        let mut walk = Walk::default();
        assert_eq!(walk.after(&page(None, None, Some(OWN))).unwrap().as_deref(), Some(OWN));
        assert_eq!(walk.after(&page(None, Some(NEWER), Some(OLDER))).unwrap().as_deref(), Some(OLDER));
        assert_eq!(walk.after(&page(None, Some(OWN), None)).unwrap(), None);
    }

    #[test]
    fn a_page_that_leads_nowhere_is_the_last_one_only_where_all_logs_were_seen() {
        for cursor in [None, Some(NEWER), Some(OWN), Some("no cursor"), Some("99:1"), Some("98:x:0:0")] {
            let fault = Walk::default().after(&page(Some(OWN), None, cursor)).unwrap_err();
            assert_eq!(fault.code(), "NODE_UNAVAILABLE", "{cursor:?}");
            let mut walk = Walk { asked: None, seen: 2, total: Some(3) };
            assert_eq!(walk.after(&page(Some(OWN), None, cursor)).unwrap(), None, "{cursor:?}");
        }
    }

    #[test]
    fn a_walk_never_goes_round() {
        let mut walk = Walk::default();
        walk.after(&page(Some(NEWER), None, Some(OWN))).unwrap();
        walk.after(&page(Some(NEWER), Some(OWN), Some(OLDER))).unwrap();
        assert_eq!(walk.asked, numbers(OLDER));
        let mut walk = Walk::default();
        walk.after(&page(Some(NEWER), None, Some(OWN))).unwrap();
        assert!(walk.after(&page(Some(NEWER), None, Some(OWN))).is_err());
    }
}
