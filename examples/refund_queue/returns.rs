//! What the job asks of those who unpack returned parcels.

/// Whatever goes wrong, on either side.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// The table at which returned parcels are unpacked.
pub(crate) trait Returns {
    /// What was found in the parcel with this tracking number; nothing as long as it hasn't come.
    async fn inspection(&self, tracking_number: &str) -> Result<Option<Inspection>, Failure>;
}

/// What was found in a parcel.
#[derive(Clone, Debug)]
pub(crate) struct Inspection {
    /// Whether all is there, and as it was sold.
    pub(crate) complete: bool,
    /// What the buyer may read about it.
    pub(crate) finding: String,
    /// A picture of it, a JPEG file.
    pub(crate) photograph: Vec<u8>,
}
