//! Archives that no image is.

use crate::corpus::Image;
use std::io::Write;

/// The bytes of one.
pub fn archive(image: Image) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut member = |name: &str, size: u64, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o755);
        header.set_size(size);
        // The crate's own set_path would refuse what must be tried.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, content).unwrap();
    };
    match image {
        Image::Traversal => member("../../../../tmp/other/written", 4, b"here"),
        Image::Bomb => {
            let zeroes = vec![0; 1 << 20];
            for part in 0..64 {
                member(&format!("zeroes-{part}"), 1 << 20, &zeroes);
            }
        }
    }
    let bytes = tar.into_inner().unwrap();
    match image {
        Image::Traversal => bytes,
        // Zeroes shrink a thousandfold.
        Image::Bomb => {
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gz.write_all(&bytes).unwrap();
            gz.finish().unwrap()
        }
    }
}
