//! What the printer at the packing table gets: a file for each parcel, named for its number.

use std::io;
use std::path::PathBuf;

use ecloud::logistics::waybills::{PrintData, Waybill};
use serde_json::json;

/// The folder that the printer looks into.
pub(crate) struct Labels {
    pub(crate) folder: PathBuf,
}

impl Labels {
    /// Puts a label there, in place of the same one of a run that broke off. Its content is encrypted for the printer.
    pub(crate) fn put(&self, waybill: &Waybill, data: &PrintData) -> io::Result<()> {
        let label = json!({
            "order_id": waybill.order_id,
            "carrier_code": waybill.carrier_code,
            "tracking_number": waybill.tracking_number,
            "template_url": data.template_url,
            "payload": data.payload,
            "signature": data.signature,
        });
        std::fs::write(self.path(waybill), label.to_string())
    }

    /// Takes the label of a parcel away that will not be sent, if it is there.
    pub(crate) fn remove(&self, waybill: &Waybill) -> io::Result<()> {
        match std::fs::remove_file(self.path(waybill)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, waybill: &Waybill) -> PathBuf {
        self.folder.join(format!("{}.json", waybill.tracking_number))
    }
}
