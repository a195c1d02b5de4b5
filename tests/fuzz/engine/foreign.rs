//! What is not Rust: libFuzzer's entry points, and the tables that the compiler makes for it.
//!
//! The only unsafe code of the fuzzer.
#![allow(unsafe_code)]

use fuzz::Target;
use std::ffi::{CString, c_char, c_int, c_uint};
use std::sync::OnceLock;

type OneInput = extern "C" fn(*const u8, usize) -> c_int;

unsafe extern "C" {
    // https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
    fn LLVMFuzzerRunDriver(argc: *mut c_int, argv: *mut *mut *mut c_char, one: OneInput) -> c_int;

    // https://clang.llvm.org/docs/SanitizerCoverage.html: a byte for each block, and beside it its address and flags.
    static mut __start___sancov_cntrs: u8;
    static __stop___sancov_cntrs: u8;
    static __start___sancov_pcs: [usize; 2];
}

/// What libFuzzer calls.
pub struct Calls {
    /// What is tried.
    pub target: &'static Target,
    /// Tries an input.
    pub check: fn(&Target, &[u8]),
    /// Changes an input, by a seed, to at most so many bytes.
    pub mutate: fn(&Target, &mut Vec<u8>, usize, u32),
}

static CALLS: OnceLock<Calls> = OnceLock::new();

/// Runs libFuzzer with `arguments`, the first of which is the program's name. It ends the process itself.
pub fn run(arguments: Vec<String>, calls: Calls) -> i32 {
    let _ = CALLS.set(calls);
    let words: Vec<CString> = arguments
        .into_iter()
        .filter_map(|word| CString::new(word).ok())
        .collect();
    let mut pointers: Vec<*mut c_char> =
        words.iter().map(|word| word.as_ptr().cast_mut()).collect();
    let mut count = pointers.len() as c_int;
    pointers.push(std::ptr::null_mut());
    let mut vector = pointers.as_mut_ptr();
    // SAFETY: `vector` points at `count` strings and a null, all of which outlive the call.
    unsafe { LLVMFuzzerRunDriver(&mut count, &mut vector, one_input) }
}

extern "C" fn one_input(data: *const u8, size: usize) -> c_int {
    let bytes = match size {
        // Then the pointer need not be one.
        0 => &[],
        // SAFETY: libFuzzer hands over `size` bytes at `data`, which stay until this returns.
        _ => unsafe { std::slice::from_raw_parts(data, size) },
    };
    if let Some(calls) = CALLS.get() {
        (calls.check)(calls.target, bytes);
    }
    0
}

/// libFuzzer asks here for a changed input.
// SAFETY: the name is libFuzzer's, and nothing else has it.
#[unsafe(no_mangle)]
extern "C" fn LLVMFuzzerCustomMutator(
    data: *mut u8,
    size: usize,
    most: usize,
    seed: c_uint,
) -> usize {
    // SAFETY: libFuzzer hands over `most` bytes at `data`, `size` of which are the input.
    let buffer = unsafe { std::slice::from_raw_parts_mut(data, most) };
    let mut input = buffer[..size].to_vec();
    if let Some(calls) = CALLS.get() {
        (calls.mutate)(calls.target, &mut input, most, seed);
    }
    input.truncate(most);
    buffer[..input.len()].copy_from_slice(&input);
    input.len()
}

/// A block of the program: where it is loaded, and how often it was entered (it wraps).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// Its address in this process.
    pub address: usize,
    /// Whether it was entered.
    pub entered: bool,
}

/// Every block that the compiler has counted, in no order.
pub fn blocks() -> Vec<Block> {
    // SAFETY: the linker defines the three symbols at the ends of two sections with one entry for each block, which stay
    // where they are for as long as the program runs. Counters are bytes that only this thread writes to.
    unsafe {
        let first = &raw const __start___sancov_cntrs;
        let count = (&raw const __stop___sancov_cntrs).offset_from_unsigned(first);
        let counters = std::slice::from_raw_parts(first, count);
        let addresses = std::slice::from_raw_parts(&raw const __start___sancov_pcs, count);
        let pairs = counters.iter().zip(addresses);
        pairs
            .map(|(counter, [address, _])| Block {
                address: *address,
                entered: *counter != 0,
            })
            .collect()
    }
}

/// Where the table of addresses is in this process; with the symbol's address in the file, how far it was moved.
pub fn table() -> usize {
    (&raw const __start___sancov_pcs).addr()
}
