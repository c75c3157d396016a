//! The best ways from one node to every other, hop by hop.
//!
//! A way is kept as its last arc and the node before it, which has a way of one hop less: going on copies nothing, and
//! only the way that wins is ever written out.

use alloc::vec::Vec;

/// An arc on a path, along or against its stream.
pub(super) type Way = (usize, bool);

/// The best ways found from the source, by number of hops.
pub(super) struct Levels {
    nodes: usize,
    /// Hops of the ways that are gone on from.
    hops: usize,
    /// Of each number of hops, each node.
    labels: Vec<Option<Label>>,
}

/// The best way found to a node with a number of hops: on from a node with one hop less.
#[derive(Clone, Copy)]
pub(super) struct Label {
    pub(super) gain: f64,
    from: usize,
    way: Way,
}

impl Levels {
    /// Makes room for ways of up to so many hops.
    pub(super) fn new(nodes: usize, source: usize, longest: usize) -> Self {
        let mut labels = Vec::with_capacity(nodes.saturating_mul(longest + 1));
        labels.resize(nodes, None);
        if let Some(start) = labels.get_mut(source) {
            *start = Some(Label { gain: 1.0, from: source, way: (0, false) });
        }
        Self { nodes, hops: 0, labels }
    }

    /// Begins ways of one hop more than this.
    pub(super) fn beyond(&mut self, hops: usize) {
        self.hops = hops;
        self.labels.resize(self.labels.len().saturating_add(self.nodes), None);
    }

    pub(super) fn label(&self, hops: usize, node: usize) -> Option<Label> {
        self.labels.get(hops * self.nodes + node).copied().flatten()
    }

    /// Goes on by an arc, if that is the best way to its end so far and does not pass the end already.
    pub(super) fn reach(&mut self, from: usize, to: usize, gain: f64, way: Way) -> bool {
        let Some(label) = self.label(self.hops, from) else { return false };
        let gain = label.gain * gain;
        let is_best = self.label(self.hops + 1, to).is_none_or(|kept| gain > kept.gain);
        let at = (self.hops + 1) * self.nodes + to;
        if is_best
            && !self.passes(self.hops, from, to)
            && let Some(slot) = self.labels.get_mut(at)
        {
            *slot = Some(Label { gain, from, way });
            return true;
        }
        false
    }

    /// Whether a way with this end passes a node.
    fn passes(&self, hops: usize, end: usize, node: usize) -> bool {
        let mut at = end;
        for hops in (0..=hops).rev() {
            if at == node {
                return true;
            }
            let Some(label) = self.label(hops, at) else { break };
            at = label.from;
        }
        false
    }

    /// The arcs of a way, from the source on.
    pub(super) fn path(&self, hops: usize, end: usize) -> Vec<Way> {
        let (mut path, mut at) = (Vec::with_capacity(hops), end);
        for hops in (1..=hops).rev() {
            let Some(label) = self.label(hops, at) else { break };
            path.push(label.way);
            at = label.from;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes 0 to 3, source 0; each level goes on by these arcs: from, to, gain.
    fn levels(hops: usize, arcs: &[(usize, usize, f64)]) -> Levels {
        let mut levels = Levels::new(4, 0, hops);
        for hops in 0..hops {
            levels.beyond(hops);
            for (index, &(from, to, gain)) in arcs.iter().enumerate() {
                levels.reach(from, to, gain, (index, false));
            }
        }
        levels
    }

    fn found(levels: &Levels, hops: usize, node: usize) -> Option<(f64, Vec<usize>)> {
        let path = levels.path(hops, node).into_iter().map(|(arc, _)| arc).collect();
        levels.label(hops, node).map(|label| (label.gain, path))
    }

    #[test]
    fn keeps_the_best_way_for_each_number_of_hops() {
        let levels =
            levels(3, &[(0, 3, 1.0), (0, 1, 2.0), (0, 2, 3.0), (1, 3, 2.0), (2, 3, 1.0), (1, 2, 2.0)]);
        assert_eq!(found(&levels, 0, 0), Some((1.0, Vec::new())));
        assert_eq!(found(&levels, 1, 3), Some((1.0, Vec::from([0]))));
        assert_eq!(found(&levels, 2, 3), Some((4.0, Vec::from([1, 3]))));
        assert_eq!(found(&levels, 3, 3), Some((4.0, Vec::from([1, 5, 4]))));
        assert_eq!(found(&levels, 1, 0), None);
    }

    #[test]
    fn of_equals_the_first_stays_and_what_is_no_number_never_wins() {
        let levels = levels(1, &[(0, 1, 2.0), (0, 1, 2.0), (0, 1, f64::NAN)]);
        assert_eq!(found(&levels, 1, 1), Some((2.0, Vec::from([0]))));
    }

    #[test]
    fn no_way_passes_a_node_twice() {
        let levels = levels(3, &[(0, 1, 9.0), (1, 0, 9.0), (1, 2, 1.0), (2, 1, 9.0), (2, 3, 1.0)]);
        assert_eq!((found(&levels, 2, 0), found(&levels, 3, 1)), (None, None));
        assert_eq!(found(&levels, 3, 3), Some((9.0, Vec::from([0, 2, 4]))));
    }
}
