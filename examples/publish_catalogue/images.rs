//! The pictures of a catalogue at the platform: each file is sent once, however often the job runs.

use std::collections::BTreeMap;
use std::path::Path;

use ecloud::bulk;
use ecloud::prelude::*;
use ecloud::transfer::UploadSource;
use sha2::{Digest, Sha256};

/// So many files are sent at a time, each in several parts.
const AT_ONCE: usize = 3;

/// Where buyers see the pictures, by the names of their files, and which couldn't be sent.
#[derive(Default)]
pub(crate) struct Images {
    pub(crate) urls: BTreeMap<String, String>,
    pub(crate) uploaded: usize,
    pub(crate) failed: BTreeMap<String, Error>,
}

impl Images {
    /// The addresses of an item's pictures, in their order; else the file that is missing, and why.
    pub(crate) fn of<'a>(&'a self, files: &'a [String]) -> Result<Vec<String>, (&'a str, Option<&'a Error>)> {
        let url = |file: &'a String| self.urls.get(file).cloned().ok_or((file.as_str(), self.failed.get(file)));
        files.iter().map(url).collect()
    }
}

/// Sends the files that the platform doesn't have yet. It is recognised by its content, so a picture that was changed under its old name is
/// sent again, and one that was sent by a run that broke off isn't.
pub(crate) async fn bring(product: &Product, folder: &Path, files: Vec<String>) -> Result<Images, Error> {
    let mut known = BTreeMap::new();
    let mut media = product.media().list().limit(100).items();
    while let Some(medium) = media.try_next().await? {
        known.insert(medium.sha256, medium.url);
    }

    let mut images = Images::default();
    let mut missing = Vec::new();
    for file in files {
        match hash(&folder.join(&file)) {
            Ok(sha256) => match known.get(&sha256) {
                Some(url) => drop(images.urls.insert(file, url.clone())),
                None => missing.push(file),
            },
            Err(error) => drop(images.failed.insert(file, error)),
        }
    }

    let mut uploads = bulk(missing, |file: String| {
        let source = UploadSource::path(folder.join(&file), media_type(&file));
        let mut upload = product.media().upload(source).on_progress(move |progress| {
            if let Some(total) = progress.total {
                println!("    {file:<16} {:>3} %", progress.done * 100 / total.max(1));
            }
        });
        async move { upload.send().await }
    })
    .at_once(AT_ONCE);
    while let Some(result) = uploads.next().await {
        match result.outcome {
            Ok(medium) => {
                images.uploaded += 1;
                images.urls.insert(result.input, medium.url);
            }
            Err(error) => drop(images.failed.insert(result.input, error)),
        }
    }
    Ok(images)
}

fn hash(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path)
        .map_err(|error| Error::new(ErrorKind::File, format!("{} can't be read", path.display())).with_source(error))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        _ => "image/png",
    }
}
