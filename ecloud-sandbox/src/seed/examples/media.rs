//! Images of the examples.

use bytes::Bytes;
use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::product::media::{UploadFile, begin, complete, take_part};
use crate::platform::{Refusal, sha256};

/// The smallest image: one pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";
/// What an example sends as a part.
const PART: &[u8] = b"example";

/// `M1000001` is an image that no item shows. Of `U1000001` the only part, the word `example`, is still to come; of `U1000002` it has.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let at = now.offset_by_millis(-3_600_000);
    let file = |name: &str, bytes: &[u8]| UploadFile {
        file_name: name.to_owned(),
        media_type: "image/gif".to_owned(),
        size: bytes.len() as u64,
        sha256: sha256(bytes),
    };
    begin(shop, file("mug.gif", PART), at)?;
    let sent = begin(shop, file("pot.gif", PART), at)?;
    take_part(shop, &sent, 1, Bytes::from_static(PART), at)?;
    let pixel = begin(shop, file("pixel.gif", PIXEL), at)?;
    take_part(shop, &pixel, 1, Bytes::from_static(PIXEL), at)?;
    complete(shop, &pixel, at).map(drop)
}
