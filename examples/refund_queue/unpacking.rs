//! The returns table of the rehearsal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;

use crate::returns::{Failure, Inspection, Returns};

/// Something that happens at the platform while the table is asked.
type Meanwhile = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// Clones are the same table.
#[derive(Clone, Default)]
pub(crate) struct Unpacking {
    arrived: Rc<RefCell<BTreeMap<String, Inspection>>>,
    meanwhile: Rc<RefCell<Option<Meanwhile>>>,
}

impl Unpacking {
    /// A parcel has come, with all that it should hold or not.
    pub(crate) fn unpack(&self, tracking_number: &str, complete: bool) {
        let finding = if complete { "All is there." } else { "The lid is missing, and the handle is broken." };
        // The smallest beginning of a JPEG file; a real one comes from the table's camera.
        let photograph = [b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", tracking_number.as_bytes()].concat();
        let inspection = Inspection { complete, finding: finding.to_owned(), photograph };
        self.arrived.borrow_mut().insert(tracking_number.to_owned(), inspection);
    }

    /// While the table is asked next, this happens at the platform.
    pub(crate) fn while_asked(&self, meanwhile: impl Future<Output = Result<(), Failure>> + 'static) {
        *self.meanwhile.borrow_mut() = Some(Box::pin(meanwhile));
    }
}

impl Returns for Unpacking {
    async fn inspection(&self, tracking_number: &str) -> Result<Option<Inspection>, Failure> {
        let meanwhile = self.meanwhile.borrow_mut().take();
        if let Some(happens) = meanwhile {
            happens.await?;
        }
        Ok(self.arrived.borrow().get(tracking_number).cloned())
    }
}
