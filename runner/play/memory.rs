//! Reading the memory of a process that is held in a system call (process_vm_readv(2)).
//!
//! What is read here selects and is shown; it never decides. Another thread may change it at any time.

use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use std::io::IoSliceMut;

/// Most words of an argument vector that are looked at.
const WORDS: usize = 256;

/// Most bytes of one string that are looked at: PATH_MAX, and enough for any argument a level uses.
const STRING: usize = 4096;

/// Smallest page size there is; reads never cross such a boundary, so that an unmapped next page spoils nothing.
const PAGE: u64 = 4096;

/// Reads up to `buffer.len()` bytes at `address`.
fn read(pid: Pid, address: u64, buffer: &mut [u8]) -> nix::Result<usize> {
    let remote = RemoteIoVec {
        base: address as usize,
        len: buffer.len(),
    };
    process_vm_readv(pid, &mut [IoSliceMut::new(buffer)], &[remote])
}

/// Reads a C string.
pub fn string(pid: Pid, address: u64) -> nix::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut at = address;
    while text.len() < STRING {
        let mut chunk = [0; 256];
        let to_boundary = (PAGE - at % PAGE).min(chunk.len() as u64) as usize;
        let length = read(pid, at, &mut chunk[..to_boundary])?;
        if length == 0 {
            return Err(Errno::EFAULT);
        }
        if let Some(end) = chunk[..length].iter().position(|byte| *byte == 0) {
            text.extend_from_slice(&chunk[..end]);
            return Ok(text);
        }
        text.extend_from_slice(&chunk[..length]);
        at += length as u64;
    }
    Ok(text)
}

/// Reads a NULL-terminated vector of C strings; invalid UTF-8 is replaced.
pub fn strings(pid: Pid, address: u64) -> nix::Result<Vec<String>> {
    let mut words = Vec::new();
    if address == 0 {
        return Ok(words);
    }
    for index in 0..WORDS as u64 {
        let mut pointer = [0; size_of::<u64>()];
        if read(pid, address + index * 8, &mut pointer)? != pointer.len() {
            return Err(Errno::EFAULT);
        }
        let pointer = u64::from_ne_bytes(pointer);
        if pointer == 0 {
            break;
        }
        words.push(String::from_utf8_lossy(&string(pid, pointer)?).into_owned());
    }
    Ok(words)
}
