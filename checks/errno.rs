//! Error numbers and the many ways languages spell them.
//!
//! Numbers are those of Linux on x86 and ARM (include/uapi/asm-generic/errno-base.h, errno.h); texts are glibc's
//! strerror(3), and musl's where it differs. Python writes `[Errno 2]`, Rust `Os { code: 2, … }` or
//! `(os error 2)`, C and C++ and bash and Perl the text, Go the text in lower case, Node the name, dash its own.

use alloc::{string::String, vec::Vec};

/// One error number.
#[derive(Debug, PartialEq, Eq)]
pub struct Errno {
    /// `ENOENT`.
    pub name: &'static str,
    /// 2.
    pub number: u16,
    /// What C libraries, and shells of their own accord, say.
    pub texts: &'static [&'static str],
}

const fn errno(name: &'static str, number: u16, texts: &'static [&'static str]) -> Errno {
    Errno {
        name,
        number,
        texts,
    }
}

static TABLE: [Errno; 33] = [
    errno("EPERM", 1, &["Operation not permitted"]),
    errno("ENOENT", 2, &["No such file or directory", "not found"]),
    errno("ESRCH", 3, &["No such process"]),
    errno("EIO", 5, &["Input/output error", "I/O error"]),
    errno("ENXIO", 6, &["No such device or address"]),
    errno("E2BIG", 7, &["Argument list too long"]),
    errno("ENOEXEC", 8, &["Exec format error"]),
    errno("EBADF", 9, &["Bad file descriptor"]),
    errno("ECHILD", 10, &["No child processes", "No child process"]),
    errno("EAGAIN", 11, &["Resource temporarily unavailable"]),
    errno("ENOMEM", 12, &["Cannot allocate memory", "Out of memory"]),
    errno("EACCES", 13, &["Permission denied"]),
    errno("EFAULT", 14, &["Bad address"]),
    errno("EBUSY", 16, &["Device or resource busy", "Resource busy"]),
    errno("EEXIST", 17, &["File exists"]),
    errno(
        "EXDEV",
        18,
        &["Invalid cross-device link", "Cross-device link"],
    ),
    errno("ENODEV", 19, &["No such device"]),
    errno("ENOTDIR", 20, &["Not a directory"]),
    errno("EISDIR", 21, &["Is a directory"]),
    errno("EINVAL", 22, &["Invalid argument"]),
    errno("ENFILE", 23, &["Too many open files in system"]),
    errno(
        "EMFILE",
        24,
        &["Too many open files", "No file descriptors available"],
    ),
    errno(
        "ENOTTY",
        25,
        &["Inappropriate ioctl for device", "Not a tty"],
    ),
    errno("ETXTBSY", 26, &["Text file busy"]),
    errno("EFBIG", 27, &["File too large"]),
    errno("ENOSPC", 28, &["No space left on device"]),
    errno("EROFS", 30, &["Read-only file system"]),
    errno("EPIPE", 32, &["Broken pipe"]),
    errno(
        "ENAMETOOLONG",
        36,
        &["File name too long", "Filename too long"],
    ),
    errno("ENOSYS", 38, &["Function not implemented"]),
    errno("ENOTEMPTY", 39, &["Directory not empty"]),
    errno(
        "ELOOP",
        40,
        &["Too many levels of symbolic links", "Symbolic link loop"],
    ),
    errno("EOVERFLOW", 75, &["Value too large for defined data type"]),
];

/// The error of that name.
pub fn by_name(name: &str) -> Option<&'static Errno> {
    TABLE.iter().find(|errno| errno.name == name)
}

/// Every name that [`by_name`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|errno| errno.name)
}

impl Errno {
    /// Lengths in bytes of the spellings of this error at the start of `text`, longest first.
    pub fn spelled(&self, text: &str) -> Vec<usize> {
        let mut ends: Vec<usize> = self
            .texts
            .iter()
            .filter_map(|known| prefix(text, known))
            .collect();
        ends.extend(prefix(text, self.name).filter(|end| !continues(text, *end)));
        for introduction in ["os error ", "Os { code: ", "errno ", "errno="] {
            let Some(digits) = prefix(text, introduction) else {
                continue;
            };
            let end = digits
                + text[digits..]
                    .bytes()
                    .take_while(u8::is_ascii_digit)
                    .count();
            if text[digits..end].parse() == Ok(self.number) {
                ends.push(end);
            }
        }
        ends.sort_unstable_by(|one, other| other.cmp(one));
        ends.dedup();
        ends
    }

    /// One way to say it, for messages: `No such file or directory (ENOENT)`.
    pub fn describe(&self) -> String {
        alloc::format!(
            "{} ({})",
            self.texts.first().copied().unwrap_or(self.name),
            self.name
        )
    }
}

fn prefix(text: &str, known: &str) -> Option<usize> {
    let head = text.as_bytes().get(..known.len())?;
    head.eq_ignore_ascii_case(known.as_bytes())
        .then_some(known.len())
}

fn continues(text: &str, end: usize) -> bool {
    text[end..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::c("ENOENT", "No such file or directory")]
    #[case::go("ENOENT", "no such file or directory")]
    #[case::python("ENOENT", "Errno 2] No such file")]
    #[case::rust_debug("ENOENT", "Os { code: 2, kind: NotFound")]
    #[case::rust_display("ENOENT", "os error 2)")]
    #[case::dash("ENOENT", "not found")]
    #[case::node("ENOENT", "ENOENT: open")]
    #[case::musl("EBUSY", "Resource busy")]
    #[case::glibc("EBUSY", "Device or resource busy")]
    fn spellings(#[case] name: &str, #[case] text: &str) {
        assert!(!by_name(name).unwrap().spelled(text).is_empty());
    }

    #[rstest]
    #[case::longer_number("ENOENT", "os error 20)")]
    #[case::another("ENOENT", "Permission denied")]
    #[case::longer_name("EIO", "EIOCBQUEUED")]
    #[case::longer_python("EPERM", "Errno 13]")]
    #[case::exit_code("ENOENT", "code: 2")]
    #[case::empty("EPERM", "")]
    #[case::not_a_boundary("EPERM", "é")]
    fn not_spellings(#[case] name: &str, #[case] text: &str) {
        assert!(by_name(name).unwrap().spelled(text).is_empty());
    }
}
