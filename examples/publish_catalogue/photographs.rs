//! The photographer's folder: real PNG files, as large as photographs are.

use std::io;
use std::path::{Path, PathBuf};

const WIDTH: u32 = 720;
/// The most that an uncompressed block of a zlib stream holds.
const BLOCK: usize = 0xffff;

/// A folder below the system's one for temporary files, with a picture for each name. It is removed when this is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn with<'a>(names: impl IntoIterator<Item = &'a str>) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("ecloud-publish-catalogue-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        let folder = Self(path);
        for (index, name) in (0_u8..).zip(names) {
            std::fs::write(folder.0.join(name), png(480 + 120 * u32::from(index), index))?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A picture of [`WIDTH`] times `height` pixels, in shades that begin with `shade`.
fn png(height: u32, shade: u8) -> Vec<u8> {
    let mut pixels = Vec::new();
    for row in 0..height {
        pixels.push(0); // this row isn't filtered
        for column in 0..WIDTH {
            let [low, ..] = (row ^ column).to_le_bytes();
            pixels.extend([low.wrapping_add(shade.wrapping_mul(40)), low, shade]);
        }
    }
    let mut header = [WIDTH.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]); // eight bits a sample, red, green and blue
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", stored(&pixels)), (b"IEND", Vec::new())] {
        let checked = [kind.as_slice(), &content].concat();
        file.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
        file.extend(&checked);
        file.extend(crc(&checked).to_be_bytes());
    }
    file
}

/// A zlib stream that compresses nothing.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let count = bytes.len().div_ceil(BLOCK);
    for (index, block) in bytes.chunks(BLOCK).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(index + 1 == count));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend(((high << 16) | low).to_be_bytes());
    stream
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
