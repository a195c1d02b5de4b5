//! What an ELF file says about the files it needs: its loader, its libraries, and where to look for them.

use elf::ElfBytes;
use elf::abi::{DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, PT_INTERP, PT_LOAD};
use elf::endian::AnyEndian;

/// The parts of an ELF program or library that ld.so(8) acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Word size, byte order and machine: a library of another kind is passed over, as the loader does.
    pub kind: Kind,
    /// PT_INTERP: the loader; absent in libraries and static programs.
    pub loader: Option<String>,
    /// DT_NEEDED, in order.
    pub needed: Vec<String>,
    /// DT_RPATH, split at colons; the loader ignores it when there is a DT_RUNPATH.
    pub rpath: Vec<String>,
    /// DT_RUNPATH, split at colons.
    pub runpath: Vec<String>,
}

/// Objects of the same kind can be loaded into one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    class: elf::file::Class,
    endianness: AnyEndian,
    machine: u16,
}

impl Object {
    /// Reads an ELF file; `None` if it is something else, or damaged beyond use.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let file = ElfBytes::<AnyEndian>::minimal_parse(bytes).ok()?;
        let segments = file.segments()?;
        let loader = segments
            .iter()
            .find(|segment| segment.p_type == PT_INTERP)
            .and_then(|segment| file.segment_data(&segment).ok())
            .and_then(text);
        let header = file.ehdr;
        let kind = Kind {
            class: header.class,
            endianness: header.endianness,
            machine: header.e_machine,
        };
        let mut object = Self {
            kind,
            loader,
            needed: vec![],
            rpath: vec![],
            runpath: vec![],
        };
        let Some(dynamic) = file.dynamic().ok()? else {
            return Some(object);
        };

        let value = |tag| {
            dynamic
                .iter()
                .find(|entry| entry.d_tag == tag)
                .map(|entry| entry.d_val())
        };
        let (address, size) = (value(DT_STRTAB)?, value(DT_STRSZ)?);
        // The table is named by its address in memory; the segment that is loaded there says where it is in the file.
        let holder = segments.iter().find(|segment| {
            segment.p_type == PT_LOAD
                && address
                    .checked_sub(segment.p_vaddr)
                    .is_some_and(|at| at < segment.p_filesz)
        })?;
        let start = usize::try_from(holder.p_offset.checked_add(address - holder.p_vaddr)?).ok()?;
        let strings = bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)?;
        for entry in dynamic.iter() {
            let string = || {
                strings
                    .get(usize::try_from(entry.d_val()).ok()?..)
                    .and_then(text)
            };
            let list = || string().map(|all| all.split(':').map(str::to_owned).collect());
            match entry.d_tag {
                DT_NEEDED => object.needed.push(string()?),
                DT_RPATH => object.rpath = list()?,
                DT_RUNPATH => object.runpath = list()?,
                _ => {}
            }
        }
        Some(object)
    }
}

/// Bytes up to the first NUL, as text.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    String::from_utf8(bytes[..end].to_vec()).ok()
}
