//! The numbers in a member's header that every unpacker reads: mode, owner and time.

use std::io;
use tar::Header;

/// What they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    mode: u32,
    uid: u64,
    gid: u64,
    mtime: u64,
}

impl Numbers {
    /// Reads them. A field that nobody filled in is 0.
    ///
    /// # Errors
    /// One that is no number, at which an unpacker would stop, halfway through.
    pub(super) fn of(header: &Header) -> io::Result<Numbers> {
        let fields = header.as_old();
        Ok(Numbers {
            mode: unless_blank(&fields.mode, header.mode())?,
            uid: unless_blank(&fields.uid, header.uid())?,
            gid: unless_blank(&fields.gid, header.gid())?,
            mtime: unless_blank(&fields.mtime, header.mtime())?,
        })
    }

    /// Writes them into another header.
    pub(super) fn write(self, header: &mut Header) {
        header.set_mode(self.mode);
        header.set_uid(self.uid);
        header.set_gid(self.gid);
        header.set_mtime(self.mtime);
    }
}

fn unless_blank<T: Default>(field: &[u8], number: io::Result<T>) -> io::Result<T> {
    match field.iter().all(|byte| matches!(byte, 0 | b' ')) {
        true => Ok(T::default()),
        false => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_nothing_and_a_nine_is_no_octal_digit() {
        let mut header = Header::new_gnu();
        header.set_mode(0o640);
        header.as_old_mut().mtime.fill(b' ');
        header.as_old_mut().uid.fill(0);
        let numbers = Numbers::of(&header);
        assert!(
            matches!(
                numbers,
                Ok(Numbers {
                    mode: 0o640,
                    uid: 0,
                    mtime: 0,
                    ..
                })
            ),
            "{numbers:?}"
        );
        header.as_old_mut().gid.copy_from_slice(b"0000009\0");
        assert!(Numbers::of(&header).is_err());
    }
}
