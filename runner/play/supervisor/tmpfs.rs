//! A student's tmpfs is one of ours: made by host root, owned by the jail's, so that device nodes in it are real ones.
//!
//! A tmpfs made inside a user namespace refuses to open any node (SB_I_NODEV); bound nodes cannot be removed or renamed.

use super::attach::attach;
use super::attributes;
use super::caller::Caller;
use super::mount::Wanted;
use crate::jail::{Jail, Mechanism, sys};
use crate::play::scene::Scene;
use checks::limit::Limit;
use nix::errno::Errno;
use nix::sys::stat::fstat;
use std::ffi::{CStr, CString};

/// What a submission gets at the most, whatever it asks for; and what it gets if it does not ask.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Bytes.
    pub size: u64,
    /// Files.
    pub inodes: u64,
}

impl Most {
    /// In this jail.
    pub fn of(jail: &Jail) -> Most {
        Most {
            size: jail.limits.get(Limit::TmpfsSize),
            inodes: jail.limits.get(Limit::TmpfsInodes),
        }
    }
}

/// Mounts a tmpfs as asked.
pub fn mounts(scene: &Scene, caller: &Caller, wanted: &Wanted) -> nix::Result<()> {
    let most = Most::of(&scene.jail);
    let options = Options::parse(&wanted.data, most)?;
    let ids = scene.jail.ids;
    let number = |value: u64| CString::new(value.to_string()).map_err(|_| Errno::EINVAL);
    let owner = |given: Option<u32>, own: &[u32]| match given {
        Some(id) => ids.outside(id).map(u64::from).ok_or(Errno::EINVAL),
        None => own.last().map(|id| u64::from(*id)).ok_or(Errno::ESRCH),
    };
    let source = if wanted.source.is_empty() {
        c"none".to_owned()
    } else {
        CString::new(wanted.source.clone()).map_err(|_| Errno::EINVAL)?
    };
    let mode = CString::new(format!("{:o}", options.mode)).map_err(|_| Errno::EINVAL)?;
    let (size, inodes) = if Mechanism::FileSystemSizes.is_on() {
        (options.size.min(most.size), options.inodes.min(most.inodes))
    } else {
        (0, 0)
    };
    let (size, inodes) = (number(size)?, number(inodes)?);
    let uid = number(owner(options.uid, &caller.status.uid)?)?;
    let gid = number(owner(options.gid, &caller.status.gid)?)?;
    let settings: [(&CStr, Option<&CStr>); 6] = [
        (c"source", Some(&source)),
        (c"size", Some(&size)),
        (c"nr_inodes", Some(&inodes)),
        (c"mode", Some(&mode)),
        (c"uid", Some(&uid)),
        (c"gid", Some(&gid)),
    ];
    let mount = sys::make_mount(c"tmpfs", &settings, attributes::of_flags(wanted.flags))?;
    scene.tmpfs.made(fstat(&mount)?.st_dev);
    attach(caller, &mount, &wanted.target)
}

/// Options of tmpfs(5) that the workshop or a careful student uses.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    size: u64,
    inodes: u64,
    mode: u32,
    uid: Option<u32>,
    gid: Option<u32>,
}

impl Options {
    /// Parses mount data; what the kernel would refuse is EINVAL here too.
    fn parse(data: &[u8], most: Most) -> nix::Result<Options> {
        let mut options = Options {
            size: most.size,
            inodes: most.inodes,
            mode: 0o1777,
            uid: None,
            gid: None,
        };
        let data = std::str::from_utf8(data).map_err(|_| Errno::EINVAL)?;
        for option in data.split(',').filter(|option| !option.is_empty()) {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let plain = || value.parse::<u32>().map_err(|_| Errno::EINVAL);
            match key {
                "size" => options.size = unlimited(amount(value, most)?, most.size),
                "nr_blocks" => {
                    options.size = unlimited(amount(value, most)?.saturating_mul(4096), most.size)
                }
                "nr_inodes" => options.inodes = unlimited(amount(value, most)?, most.inodes),
                "mode" => {
                    options.mode =
                        u32::from_str_radix(value, 8).map_err(|_| Errno::EINVAL)? & 0o7777
                }
                "uid" => options.uid = Some(plain()?),
                "gid" => options.gid = Some(plain()?),
                // They say how, not what: nothing that can be observed here depends on them.
                "huge" | "mpol" | "noswap" | "inode64" | "inode32" => {}
                _ => return Err(Errno::EINVAL),
            }
        }
        Ok(options)
    }
}

/// 0 means no limit.
fn unlimited(value: u64, largest: u64) -> u64 {
    if value == 0 { largest } else { value }
}

/// A number with an optional k, m, g or % (of the largest size, since the machine's memory is not the jail's).
fn amount(text: &str, most: Most) -> nix::Result<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| Errno::EINVAL)?;
    match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => Ok(number),
        "k" => Ok(number.saturating_mul(1 << 10)),
        "m" => Ok(number.saturating_mul(1 << 20)),
        "g" => Ok(number.saturating_mul(1 << 30)),
        "%" => Ok(most.size / 100 * number.min(100)),
        _ => Err(Errno::EINVAL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_tmpfs_reads_them() {
        let most = Most {
            size: 512 << 20,
            inodes: 1 << 16,
        };
        let size = |data: &[u8]| Options::parse(data, most).map(|options| options.size);
        assert_eq!(size(b"size=1m,mode=755"), Ok(1 << 20));
        assert_eq!(size(b"size=50%"), Ok(most.size / 100 * 50));
        assert_eq!(size(b"size=0"), Ok(most.size));
        assert_eq!(size(b"size=m"), Err(Errno::EINVAL));
        assert_eq!(size(b"bogus=1"), Err(Errno::EINVAL));
        assert_eq!(
            Options::parse(b"mode=755,uid=3", most).map(|options| (options.mode, options.uid)),
            Ok((0o755, Some(3)))
        );
    }
}
