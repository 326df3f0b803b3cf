//! Which models hold which.

use std::collections::HashMap;

use super::{Model, Shape, Ty};

/// The models of a domain, each by its place in the list, and what each of them holds.
pub(crate) struct Graph {
    by_name: HashMap<String, usize>,
    /// What a model holds in any way.
    held: Vec<Vec<usize>>,
    /// What lies in a model itself, not in a list or map of it.
    inside: Vec<Vec<usize>>,
}

impl Graph {
    /// The graph of these models, each by its place among them.
    pub(crate) fn of<'a>(models: impl Iterator<Item = &'a Model> + Clone) -> Self {
        let by_name: HashMap<String, usize> =
            models.clone().enumerate().map(|(index, model)| (model.name.clone(), index)).collect();
        let index = |name: &str| by_name.get(name).copied();
        let mut held = Vec::new();
        let mut inside = Vec::new();
        for model in models {
            held.push(types(model).into_iter().filter_map(Ty::model).filter_map(index).collect());
            // The variants of a union that are models lie behind pointers.
            let fields = if let Shape::Struct(shape) = &model.shape { &shape.fields[..] } else { &[] };
            let direct =
                fields.iter().filter_map(|field| if let Ty::Model(name) = &field.ty { index(name) } else { None });
            inside.push(direct.collect());
        }
        Self { by_name, held, inside }
    }

    /// The place of a model.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Which models are among these or held by them, through others too.
    pub(crate) fn reached<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<bool> {
        let mut reached = vec![false; self.held.len()];
        let mut open: Vec<usize> = names.filter_map(|name| self.index(name)).collect();
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut reached[index], true) {
                open.extend(&self.held[index]);
            }
        }
        reached
    }

    /// Puts behind pointers the fields by which these models, whose graph this is, lie in themselves: they would have no size.
    pub(crate) fn box_circles(&self, models: &mut [Model]) {
        let circles = self.circles();
        for (index, model) in models.iter_mut().enumerate() {
            let fields = if let Shape::Struct(shape) = &mut model.shape { &mut shape.fields[..] } else { &mut [] };
            for field in fields {
                let inner = if let Ty::Model(inner) = &field.ty { self.index(inner) } else { None };
                field.boxed = inner.is_some_and(|inner| circles[inner] == circles[index]);
            }
        }
    }

    /// The circle that each model is in, by any number that it has in common with the others of it: two models lie in each
    /// other if and only if their numbers are the same. (Kosaraju's algorithm, without recursion.)
    pub(crate) fn circles(&self) -> Vec<usize> {
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

/// The types that a model holds.
fn types(model: &Model) -> Vec<&Ty> {
    match &model.shape {
        Shape::Struct(shape) => {
            let fields = shape.fields.iter().map(|field| &field.ty);
            fields.chain(shape.additional.as_ref().map(|(_, ty)| ty)).collect()
        }
        Shape::Enum(_) => Vec::new(),
        Shape::Union(shape) => shape.variants.iter().map(|variant| &variant.ty).collect(),
        Shape::Answers(cases) => cases.iter().filter_map(|case| case.output.ty()).collect(),
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
