//! Changes of tars: members move, go, are copied; names, targets, types and sizes change, and the checksum is made right.

use super::Random;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::io::{Read, Write};

const BLOCK: usize = 512;

/// Parts of names, so that links and members meet.
const NAMES: [&str; 16] = [
    "a",
    "b",
    "a/b",
    "b/a",
    "a/b/c",
    "./a",
    "/a",
    "..",
    "../a",
    "a/..",
    "a/../..",
    ".",
    "",
    "/etc/passwd",
    "a//b/.",
    "manifest.json",
];

/// Types: file, hard link, symlink, devices, directory, fifo, contiguous; GNU and pax extensions; what is none.
const TYPES: &[u8] = b"\x000123456789LKSxgVMZ";

/// Changes one thing.
pub fn archive(input: &mut Vec<u8>, random: &mut Random) {
    if input.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        // Damaged or not, what could be unpacked is changed.
        let _ = MultiGzDecoder::new(&input[..])
            .take(1 << 16)
            .read_to_end(&mut plain);
        member(&mut plain, random);
        *input = plain;
        if random.below(4) != 0 {
            gzip(input);
        }
    } else if random.below(40) == 0 {
        gzip(input);
    } else {
        member(input, random);
    }
}

fn gzip(input: &mut Vec<u8>) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    if packed.write_all(input).is_ok()
        && let Ok(bytes) = packed.finish()
    {
        *input = bytes;
    }
}

/// Where members begin, by the sizes their headers give.
fn members(tar: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(header) = tar.get(at..at + BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        starts.push(at);
        let size = std::str::from_utf8(&header[124..135])
            .ok()
            .and_then(|octal| usize::from_str_radix(octal.trim_matches(['\0', ' ']), 8).ok())
            .unwrap_or(0);
        at = at
            .saturating_add(BLOCK)
            .saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK));
    }
    starts
}

fn member(tar: &mut Vec<u8>, random: &mut Random) {
    let starts = members(tar);
    let Some(&start) = random.one_of(&starts) else {
        *tar = [header(random), vec![0; 2 * BLOCK]].concat();
        return;
    };
    let end = starts
        .iter()
        .copied()
        .find(|next| *next > start)
        .unwrap_or(starts.last().map_or(0, |last| last + BLOCK))
        .min(tar.len());
    match random.below(9) {
        0 => drop(tar.drain(start..end)),
        1 => {
            let copied = tar[start..end].to_vec();
            let to = random.one_of(&starts).copied().unwrap_or(start);
            tar.splice(to..to, copied);
        }
        2 => {
            let new = header(random);
            tar.splice(start..start, new);
        }
        3 => tar.truncate(random.below(tar.len() + 1)),
        4 => {
            let at = random.below(tar.len());
            tar[at] ^= 1 << random.below(8);
        }
        _ => field(&mut tar[start..start + BLOCK], random),
    }
}

/// A header of a small member, in ustar format.
fn header(random: &mut Random) -> Vec<u8> {
    let mut header = vec![0; BLOCK];
    header[100..107].copy_from_slice(b"0000644");
    header[108..115].copy_from_slice(b"0000000");
    header[116..123].copy_from_slice(b"0000000");
    header[124..135].copy_from_slice(b"00000000000");
    header[136..147].copy_from_slice(b"00000000000");
    header[257..265].copy_from_slice(b"ustar\x0000");
    set(&mut header, 0..100, &name(random));
    set(&mut header, 157..257, &name(random));
    header[156] = random.one_of(b"01225").copied().unwrap_or(b'0');
    checksum(&mut header);
    header
}

fn name(random: &mut Random) -> String {
    let part = |random: &mut Random| random.one_of(&NAMES).copied().unwrap_or("a");
    match random.below(3) {
        0 => format!("{}/{}", part(random), part(random)),
        _ => part(random).to_owned(),
    }
}

fn field(header: &mut [u8], random: &mut Random) {
    match random.below(8) {
        0 | 1 => set(header, 0..100, &name(random)),
        2 | 3 => set(header, 157..257, &name(random)),
        4 => header[156] = random.one_of(TYPES).copied().unwrap_or(b'0'),
        5 => {
            let sizes = [
                "00000000000",
                "00000001000",
                "00000001001",
                "77777777777",
                "zz",
                "",
            ];
            let size = random.one_of(&sizes).copied().unwrap_or("");
            set(header, 124..136, size);
        }
        6 => header[257..265].copy_from_slice(if random.below(2) == 0 {
            b"ustar  \0"
        } else {
            b"ustar\x0000"
        }),
        _ => set(header, 345..500, &name(random)),
    }
    checksum(header);
}

fn set(header: &mut [u8], place: std::ops::Range<usize>, value: &str) {
    let field = &mut header[place];
    field.fill(0);
    let length = value.len().min(field.len());
    field[..length].copy_from_slice(&value.as_bytes()[..length]);
}

/// The sum of the header's bytes, with blanks in the checksum's place (tar(5)).
fn checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
