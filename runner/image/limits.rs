//! How large an archive may be, so that a bomb is refused and a real export is not.

/// Bytes all members may have together: a full desktop export fits several times.
pub const UNPACKED_BYTES: u64 = 8 << 30;
/// Members; a server export has about 4,000, a desktop 300,000.
pub const MEMBERS: u64 = 1_000_000;
/// Unpacked bytes per compressed byte. Deflate itself ends at 1,032; real root file systems stay below 10.
pub const GZIP_RATIO: u64 = 100;
/// The ratio counts from here, in unpacked bytes: a small tar of mostly zeroed headers is no bomb.
pub const GZIP_RATIO_FROM: u64 = 16 << 20;

/// The caps an archive is read under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Bytes all members may have together, and the tar itself.
    pub unpacked_bytes: u64,
    /// Members.
    pub members: u64,
    /// Unpacked bytes per compressed byte.
    pub gzip_ratio: u64,
    /// Unpacked bytes from which on the ratio counts.
    pub gzip_ratio_from: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unpacked_bytes: UNPACKED_BYTES,
            members: MEMBERS,
            gzip_ratio: GZIP_RATIO,
            gzip_ratio_from: GZIP_RATIO_FROM,
        }
    }
}
