//! Which models hold which.

use std::collections::HashMap;

use super::{Field, Model, Shape, Ty};
use crate::load::Node;

/// The models of a domain, each by its place in the list, and what each of them holds.
pub(super) struct Graph {
    by_name: HashMap<String, usize>,
    /// What a model holds in any way.
    held: Vec<Vec<usize>>,
    /// What lies in a model itself, not in a list or map of it.
    inside: Vec<Vec<usize>>,
}

impl Graph {
    pub(super) fn of(models: &[(Node<'_>, Model)]) -> Self {
        let names = models.iter().enumerate().map(|(index, (_, model))| (model.name.clone(), index));
        let by_name: HashMap<String, usize> = names.collect();
        let targets = |wanted: fn(&Field) -> bool| -> Vec<Vec<usize>> {
            let of = |(_, model): &(Node<'_>, Model)| {
                let fields = match &model.shape {
                    Shape::Struct(shape) => &shape.fields[..],
                    Shape::Enum(_) => &[],
                };
                let names = fields.iter().filter(|field| wanted(field)).filter_map(|field| field.ty.model());
                names.filter_map(|name| by_name.get(name).copied()).collect()
            };
            models.iter().map(of).collect()
        };
        let held = targets(|_| true);
        let inside = targets(|field| matches!(field.ty, Ty::Model(_)));
        Self { by_name, held, inside }
    }

    /// The place of a model.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Which models are among these or held by them, through others too.
    pub(super) fn reached<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<bool> {
        let mut reached = vec![false; self.held.len()];
        let mut open: Vec<usize> = names.filter_map(|name| self.index(name)).collect();
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut reached[index], true) {
                open.extend(&self.held[index]);
            }
        }
        reached
    }

    /// The circle that each model is in, by any number that it has in common with the others of it: two models lie in each
    /// other if and only if their numbers are the same. (Kosaraju's algorithm, without recursion.)
    pub(super) fn circles(&self) -> Vec<usize> {
        let mut back = vec![Vec::new(); self.inside.len()];
        for (outer, inner) in self.inside.iter().enumerate() {
            for inner in inner {
                back[*inner].push(outer);
            }
        }
        let mut circles = vec![usize::MAX; self.inside.len()];
        for start in self.finished().into_iter().rev() {
            let mut open = vec![start];
            while let Some(index) = open.pop() {
                if circles[index] == usize::MAX {
                    circles[index] = start;
                    open.extend(&back[index]);
                }
            }
        }
        circles
    }

    /// All models, each after those that lie in it, as far as there is no circle.
    fn finished(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.inside.len()];
        for start in 0..self.inside.len() {
            let mut open = vec![(start, false)];
            while let Some((index, done)) = open.pop() {
                if done {
                    order.push(index);
                } else if !std::mem::replace(&mut seen[index], true) {
                    open.push((index, true));
                    open.extend(self.inside[index].iter().map(|inner| (*inner, false)));
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(inside: &[&[usize]]) -> Graph {
        let inside: Vec<Vec<usize>> = inside.iter().map(|inner| inner.to_vec()).collect();
        let by_name = (0..inside.len()).map(|index| (index.to_string(), index)).collect();
        Graph { by_name, held: inside.clone(), inside }
    }

    #[test]
    fn models_that_lie_in_each_other_are_in_one_circle() {
        // 0 → 1 → 2 → 1, and 3 in itself.
        let circles = graph(&[&[1], &[2], &[1], &[3]]).circles();
        assert_eq!(circles[1], circles[2]);
        assert_ne!(circles[0], circles[1]);
        assert_ne!(circles[3], circles[0]);
    }

    #[test]
    fn what_is_held_is_reached_through_others_and_back() {
        let graph = graph(&[&[1], &[2], &[0], &[]]);
        assert_eq!(graph.reached(["1"].into_iter()), [true, true, true, false]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_models_is_no_trouble() {
        let chain: Vec<Vec<usize>> = (1..=100_000).map(|next| vec![next % 100_000]).collect();
        let graph = Graph { by_name: HashMap::new(), held: chain.clone(), inside: chain };
        let circles = graph.circles();
        assert!(circles.iter().all(|circle| *circle == circles[0]));
    }
}
