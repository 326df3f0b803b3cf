//! The ERP of the rehearsal: two warehouses, and a book of what moved.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ecloud::product::inventory::AdjustmentReason;

use crate::erp::{Erp, Failure, Movement, Shelves};

/// Something that happens at the platform while the ERP is busy.
type Meanwhile = Box<dyn FnOnce() -> Result<(), Failure>>;

/// Clones are the same depot.
#[derive(Clone, Default)]
pub(crate) struct Depot {
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    shelves: BTreeMap<String, Shelves>,
    movements: Vec<(Movement, bool)>,
    meanwhile: Option<(String, Meanwhile)>,
    /// The book can't be written after so many more movements.
    fails_after: Option<usize>,
}

impl Depot {
    /// So many pieces of a SKU stand in a warehouse.
    pub(crate) fn put(&self, code: &str, warehouse: &str, pieces: u32) {
        let mut state = self.state.borrow_mut();
        state.shelves.entry(code.to_owned()).or_default().insert(warehouse.to_owned(), pieces);
    }

    /// All pieces of a SKU.
    pub(crate) fn pieces(&self, code: &str) -> u32 {
        self.state.borrow().shelves.get(code).map_or(0, |shelves| shelves.values().sum())
    }

    /// Pieces leave for a buyer, from the warehouse that has most.
    pub(crate) fn send_off(&self, code: &str, mut pieces: u32) {
        let mut state = self.state.borrow_mut();
        let shelves = state.shelves.entry(code.to_owned()).or_default();
        while let Some(most) = shelves.values_mut().max().filter(|most| pieces > 0 && **most > 0) {
            let taken = pieces.min(*most);
            *most -= taken;
            pieces -= taken;
        }
    }

    /// Goods come, or go otherwise than to a buyer.
    pub(crate) fn book(&self, code: &str, warehouse: &str, delta: i32, reason: AdjustmentReason) {
        let movements = &mut self.state.borrow_mut().movements;
        let (code, warehouse) = (code.to_owned(), warehouse.to_owned());
        let movement_id = format!("{:06}", movements.len() + 1);
        movements.push((Movement { movement_id, code, warehouse, delta, reason }, false));
    }

    /// All pieces of a SKU are gone.
    pub(crate) fn book_as_lost(&self, code: &str) {
        let shelves = self.state.borrow().shelves.get(code).cloned().unwrap_or_default();
        for (warehouse, pieces) in shelves {
            let pieces = i32::try_from(pieces).unwrap_or(i32::MAX);
            self.book(code, &warehouse, -pieces, AdjustmentReason::Lost);
        }
    }

    /// What moved of a SKU, all in all.
    pub(crate) fn moved(&self, code: &str) -> i64 {
        let state = self.state.borrow();
        state.movements.iter().filter(|(it, _)| it.code == code).map(|(it, _)| i64::from(it.delta)).sum()
    }

    /// While it is asked for this SKU, this happens at the platform.
    pub(crate) fn while_asked_for(&self, code: &str, meanwhile: impl FnOnce() -> Result<(), Failure> + 'static) {
        self.state.borrow_mut().meanwhile = Some((code.to_owned(), Box::new(meanwhile)));
    }

    /// Its book can't be written after so many more movements, once.
    pub(crate) fn fail_after(&self, movements: usize) {
        self.state.borrow_mut().fails_after = Some(movements);
    }
}

impl Erp for Depot {
    async fn on_hand(&self, codes: &[String]) -> Result<BTreeMap<String, Shelves>, Failure> {
        let meanwhile = self.state.borrow_mut().meanwhile.take_if(|(code, _)| codes.contains(code));
        meanwhile.map_or(Ok(()), |(_, happens)| happens())?;
        let state = self.state.borrow();
        Ok(codes.iter().filter_map(|code| Some((code.clone(), state.shelves.get(code)?.clone()))).collect())
    }

    async fn untold(&self) -> Result<Vec<Movement>, Failure> {
        let state = self.state.borrow();
        Ok(state.movements.iter().filter(|(_, told)| !told).map(|(movement, _)| movement.clone()).collect())
    }

    async fn told(&self, movement_id: &str) -> Result<(), Failure> {
        let state = &mut *self.state.borrow_mut();
        match &mut state.fails_after {
            Some(0) => {
                state.fails_after = None;
                return Err("the ERP can't write its book".into());
            }
            Some(count) => *count -= 1,
            None => {}
        }
        let untold = state.movements.iter_mut().find(|(it, told)| it.movement_id == movement_id && !told);
        let Some((movement, told)) = untold else { return Ok(()) };
        *told = true;
        let shelf = state.shelves.entry(movement.code.clone()).or_default().entry(movement.warehouse.clone());
        let pieces = shelf.or_default();
        *pieces = pieces.saturating_add_signed(movement.delta);
        Ok(())
    }
}
