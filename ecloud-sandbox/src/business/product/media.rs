//! Images and videos, and the sessions in which they are sent.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::business::table::Row;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::{Refusal, sha256};

/// The size of each part but the last, in bytes.
const PART_SIZE: u64 = 1024 * 1024;
/// How long a session lasts.
const SESSION: Duration = Duration::from_secs(86_400);
/// What files the platform takes, and how large they may be, in bytes.
const TYPES: [(&str, u64); 5] = [
    ("image/gif", 10 * 1024 * 1024),
    ("image/jpeg", 10 * 1024 * 1024),
    ("image/png", 10 * 1024 * 1024),
    ("image/webp", 10 * 1024 * 1024),
    ("video/mp4", 64 * 1024 * 1024),
];

/// An image or a video.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Medium {
    pub(crate) media_id: String,
    file_name: String,
    media_type: String,
    size: u64,
    sha256: String,
    pub(crate) url: String,
    created_at: Timestamp,
    modified_at: Timestamp,
    version: u64,
    #[serde(skip_serializing_if = "crate::snapshot::is_answer", with = "crate::snapshot::base64")]
    file: Bytes,
}

impl Row for Medium {
    fn id(&self) -> &str {
        &self.media_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Medium {
    /// Whether it is a picture that stands still.
    pub(crate) fn is_image(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}

/// A file that is about to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadFile {
    pub(crate) file_name: String,
    pub(crate) media_type: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// A session in which a file is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MediaUpload {
    upload_id: String,
    file: UploadFile,
    #[serde(with = "crate::snapshot::base64::numbered")]
    parts: BTreeMap<u64, Bytes>,
    created_at: Timestamp,
}

impl Row for MediaUpload {
    fn id(&self) -> &str {
        &self.upload_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }
}

#[derive(Serialize)]
struct UploadSession<'a> {
    upload_id: &'a str,
    part_size: u64,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listMedia" => list,
        "getMedium" => get,
        "renameMedium" => rename,
        "deleteMedium" => delete,
        "downloadMedium" => download,
        "createMediaUpload" => create_upload,
        "putMediaUploadPart" => put_part,
        "completeMediaUpload" => complete_upload,
        _ => return None,
    })
}

/// `listMedia`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    call.cursor_page(&call.shop.media, |_| true, |medium| &**medium)
}

/// `getMedium`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&find(call)?)
}

#[derive(Deserialize)]
struct MediumPatch {
    version: u64,
    file_name: String,
}

/// `renameMedium`
fn rename(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let patch: MediumPatch = call.input()?;
    let mut medium = find(call)?;
    if medium.version != patch.version {
        let message = format!("it has changed since version {}; it is at {} now", patch.version, medium.version);
        return Err(Refusal::rule("product.medium_conflict", message));
    }
    medium.file_name = patch.file_name;
    medium.version += 1;
    medium.modified_at = call.now;
    encode(&*call.shop.media.put(medium))
}

/// `deleteMedium`
fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let medium = find(call)?;
    let of_item = call.shop.items.iter().any(|item| item.images.contains(&medium.url));
    if call.shop.invoices.iter().any(|invoice| invoice.media_id.as_ref() == Some(&medium.media_id)) {
        return Err(Refusal::rule("product.medium_in_use", "an invoice of the shop has it"));
    }
    if of_item || call.shop.skus.iter().any(|sku| sku.image.as_ref() == Some(&medium.url)) {
        return Err(Refusal::rule("product.medium_in_use", "an item of the shop shows it"));
    }
    call.shop.media.remove(&medium.media_id);
    Ok(None)
}

/// `downloadMedium`
fn download(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    Ok(Some(find(call)?.file))
}

/// `createMediaUpload`
fn create_upload(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let file: UploadFile = call.input()?;
    let upload_id = begin(call.shop, file, call.now)?;
    encode(&UploadSession { upload_id: &upload_id, part_size: PART_SIZE })
}

/// `putMediaUploadPart`
fn put_part(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    // Parameters were checked against the description before.
    let number = call.path("number").parse().unwrap_or(0);
    let (upload_id, bytes) = (call.path("upload_id").to_owned(), call.bytes.clone());
    take_part(call.shop, &upload_id, number, bytes, call.now)?;
    Ok(None)
}

/// `completeMediaUpload`
fn complete_upload(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let upload_id = call.path("upload_id").to_owned();
    encode(&complete(call.shop, &upload_id, call.now)?)
}

fn find(call: &Call<'_>) -> Result<Medium, Refusal> {
    Ok(Medium::clone(call.shop.medium(call.path("media_id"))?))
}

/// A session that hasn't ended.
fn session(shop: &Shop, upload_id: &str, now: Timestamp) -> Result<MediaUpload, Refusal> {
    let found = shop.uploads.get(upload_id).filter(|upload| now < upload.created_at + SESSION);
    let missing = || Refusal::rule("product.upload_not_found", "the shop has no such session, or it has ended");
    found.map(|upload| MediaUpload::clone(upload)).ok_or_else(missing)
}

/// Begins a session; those whose time is over go.
pub(crate) fn begin(shop: &mut Shop, file: UploadFile, now: Timestamp) -> Result<String, Refusal> {
    let Some((_, largest)) = TYPES.iter().find(|(media_type, _)| *media_type == file.media_type) else {
        let message = format!("the platform takes no files of the type {}", file.media_type);
        return Err(Refusal::rule("product.media_type_unsupported", message));
    };
    if file.size > *largest {
        let message = format!("a file of the type {} has {largest} bytes at most", file.media_type);
        return Err(Refusal::rule("product.media_too_large", message));
    }
    let is_over = |upload: &&std::sync::Arc<MediaUpload>| upload.created_at + SESSION <= now;
    let over: Vec<String> = shop.uploads.iter().filter(is_over).map(|upload| upload.upload_id.clone()).collect();
    for upload_id in over {
        shop.uploads.remove(&upload_id);
    }
    let upload_id = shop.next_id("U");
    shop.uploads.put(MediaUpload { upload_id: upload_id.clone(), file, parts: BTreeMap::new(), created_at: now });
    Ok(upload_id)
}

/// Takes a part, in place of the one that was there.
pub(crate) fn take_part(
    shop: &mut Shop,
    upload_id: &str,
    number: u64,
    bytes: Bytes,
    now: Timestamp,
) -> Result<(), Refusal> {
    let mut upload = session(shop, upload_id, now)?;
    let count = upload.file.size.div_ceil(PART_SIZE);
    if !(1..=count).contains(&number) {
        return Err(Refusal::rule("product.upload_part_invalid", format!("the file has {count} parts")));
    }
    let size = (upload.file.size - (number - 1) * PART_SIZE).min(PART_SIZE);
    if bytes.len() as u64 != size {
        let message = format!("part {number} has {size} bytes, not {}", bytes.len());
        return Err(Refusal::rule("product.upload_part_invalid", message));
    }
    upload.parts.insert(number, bytes);
    shop.uploads.put(upload);
    Ok(())
}

/// Makes an image or video of what was sent.
pub(crate) fn complete(shop: &mut Shop, upload_id: &str, now: Timestamp) -> Result<Medium, Refusal> {
    let upload = session(shop, upload_id, now)?;
    let count = upload.file.size.div_ceil(PART_SIZE);
    if let Some(missing) = (1..=count).find(|number| !upload.parts.contains_key(number)) {
        return Err(Refusal::rule("product.upload_incomplete", format!("part {missing} of {count} is missing")));
    }
    let mut file = BytesMut::new();
    upload.parts.values().for_each(|part| file.extend_from_slice(part));
    let (file, said) = (file.freeze(), upload.file);
    if sha256(&file) != said.sha256 {
        return Err(Refusal::rule("product.upload_hash_mismatch", "what was sent has another SHA-256 than was said"));
    }
    shop.uploads.remove(upload_id);
    let media_id = shop.next_id("M");
    let medium = Medium {
        url: format!("https://img.example.com/{}/{media_id}", shop.id()),
        media_id,
        file_name: said.file_name,
        media_type: said.media_type,
        size: said.size,
        sha256: said.sha256,
        created_at: now,
        modified_at: now,
        version: 1,
        file,
    };
    shop.media.put(medium.clone());
    Ok(medium)
}
