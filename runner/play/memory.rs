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

/// Whether a NULL-terminated vector of C strings holds these words and no others. Most do not, and their first word tells.
pub fn are(pid: Pid, address: u64, words: &[String]) -> nix::Result<bool> {
    if address == 0 || words.len() > WORDS {
        return Ok(false);
    }
    let pointers = numbers(pid, address, words.len() + 1)?;
    // The NULL at the end comes where it should, and not before.
    if pointers.iter().position(|pointer| *pointer == 0) != Some(words.len()) {
        return Ok(false);
    }
    for (word, pointer) in words.iter().zip(pointers) {
        if String::from_utf8_lossy(&string(pid, pointer)?) != *word {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reads so many numbers, or those before the end of what can be read.
fn numbers(pid: Pid, address: u64, count: usize) -> nix::Result<Vec<u64>> {
    let mut bytes = vec![0; count * size_of::<u64>()];
    let mut filled = 0;
    while filled < bytes.len() {
        let at = address.wrapping_add(filled as u64);
        let rest = &mut bytes[filled..];
        let to_boundary = (PAGE - at % PAGE).min(rest.len() as u64) as usize;
        match read(pid, at, &mut rest[..to_boundary]) {
            Ok(0) | Err(Errno::EFAULT) if filled > 0 => break,
            Ok(0) => return Err(Errno::EFAULT),
            read => filled += read?,
        }
    }
    let whole = bytes[..filled].chunks_exact(size_of::<u64>());
    Ok(whole
        .map(|number| u64::from_ne_bytes(number.try_into().unwrap_or_default()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    /// A vector as execve(2) takes it, in this process's own memory.
    fn vector(words: &[&str]) -> (Vec<CString>, Vec<u64>) {
        let strings: Vec<CString> = words
            .iter()
            .map(|word| CString::new(*word).unwrap())
            .collect();
        let pointers = strings.iter().map(|string| string.as_ptr() as u64);
        let pointers = pointers.chain([0]).collect();
        (strings, pointers)
    }

    #[test]
    fn a_vector_is_the_words_it_holds_and_no_others() {
        let long = "x".repeat(3000);
        let (_strings, pointers) = vector(&["/bin/ls", "-l", &long]);
        let is = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            are(nix::unistd::getpid(), pointers.as_ptr() as u64, &words).unwrap()
        };
        assert!(is(&["/bin/ls", "-l", &long]));
        for other in [
            &["/bin/ls", "-l"][..],
            &["/bin/ls", "-a", &long],
            &["/bin/ls", "-l", &long, ""],
            &[],
        ] {
            assert!(!is(other), "{other:?}");
        }
    }

    #[test]
    fn memory_that_is_not_there_is_an_error_and_no_match() {
        let words = ["ls".to_owned()];
        assert_eq!(are(nix::unistd::getpid(), 8, &words), Err(Errno::EFAULT));
        assert_eq!(are(nix::unistd::getpid(), 0, &words), Ok(false));
    }
}
