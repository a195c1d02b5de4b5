//! Archives given as images: surveyed, and laid over one another.

use crate::oracle::root::Root;
use crate::{Covered, Target, mutate, seeds};
use flate2::{Compression, write::GzEncoder};
use rdgrade::image::{Limits, Reason, Stop, Survey, survey};
use rdgrade::parsers::merge;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::LazyLock;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

pub(super) const TARGET: Target = Target {
    name: "archive",
    check,
    seeds,
    mutate: mutate::archive,
    longest: 24 << 10,
    covers: &[
        Covered::File("runner/image/survey.rs"),
        Covered::File("runner/image/paths.rs"),
        Covered::File("runner/image/layers.rs"),
        Covered::File("runner/image/reason.rs"),
    ],
};

/// Small enough to be met.
const LIMITS: Limits = Limits {
    unpacked_bytes: 256 << 10,
    members: 40,
    gzip_ratio: 20,
    gzip_ratio_from: 64 << 10,
};

/// Bytes as a pipe hands them on: so many at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        (&mut self.0).read(&mut buffer[..most])
    }
}

/// Takes so many bytes and then is full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check(input: &[u8]) {
    let mut plain = Vec::new();
    let surveyed = survey(input, input.len() as u64, &mut plain, LIMITS);
    let mut again = Vec::new();
    let slowly = survey(Slow(input, 97), input.len() as u64, &mut again, LIMITS);
    // Of two mistakes in a compressed one, which is met first depends on how much is unpacked at a time.
    if !gzipped(input) || surveyed.is_ok() || slowly.is_ok() {
        let both = [format!("{surveyed:?}"), format!("{slowly:?}")];
        assert_eq!(both[0], both[1], "read in two ways");
    }
    match surveyed {
        Ok(surveyed) => accepted(input, &plain, &surveyed),
        Err(Stop::Refused(_, reason)) => {
            assert!(!reason.to_string().is_empty() && !reason.remedy().is_empty());
        }
        Err(other) => panic!("bytes in memory can be read: {other:?}"),
    }
}

fn gzipped(input: &[u8]) -> bool {
    input.starts_with(&[0x1f, 0x8b])
}

fn accepted(input: &[u8], plain: &[u8], surveyed: &Survey) {
    assert!(surveyed.members <= LIMITS.members && surveyed.unpacked_bytes <= LIMITS.unpacked_bytes);
    assert!(surveyed.top.is_sorted());
    let full = survey(input, input.len() as u64, Full(plain.len() / 2), LIMITS);
    assert!(
        matches!(full, Err(Stop::Writing(_))),
        "a full disk went unnoticed: {full:?}"
    );
    if !gzipped(input) {
        assert!(plain == input, "the plain archive is another one");
    }
    Root::default().unpack(plain);
    laid_over(plain);
}

/// What lies above is there afterwards, whatever lies below, and the result is an archive like any other.
fn laid_over(plain: &[u8]) {
    static PLACE: LazyLock<Option<(TempDir, [PathBuf; 2])>> = LazyLock::new(|| {
        let place = TempDir::new().ok()?;
        let [base, given] = ["base.tar", "given.tar"].map(|name| place.path().join(name));
        std::fs::write(&base, base_layer()).ok()?;
        Some((place, [base, given]))
    });
    let Some((_, [base, given])) = &*PLACE else {
        panic!("there is no place for layers");
    };
    std::fs::write(given, plain).unwrap_or_else(|error| panic!("no layer can be written: {error}"));
    for layers in [
        vec![given.clone()],
        vec![base.clone(), given.clone()],
        vec![given.clone(), base.clone()],
    ] {
        let mut merged = Vec::new();
        if let Err(error) = merge(&layers, &mut merged) {
            panic!("what the survey lets pass cannot be laid over another: {error}");
        }
        let again = survey(
            &merged[..],
            merged.len() as u64,
            io::sink(),
            Limits::default(),
        );
        match again {
            // What is laid over one another is surveyed again before anybody gets it: a directory of one layer may be a
            // link of the other, which leads nowhere.
            Err(Stop::Refused(
                _,
                Reason::Empty | Reason::ThroughLink { .. } | Reason::LinkOut(_),
            )) => continue,
            Err(stop) => panic!("laid over one another they are refused: {stop:?}"),
            Ok(_) => {}
        }
        let mut root = Root::default();
        root.unpack(&merged[..]);
        if layers.last() == Some(base) {
            for (path, ..) in BASE {
                assert!(root.has(path), "{path} of the layer on top is gone");
            }
        }
    }
}

/// A member: path, type, target.
type Member = (&'static str, EntryType, &'static str);

const BASE: [Member; 6] = [
    ("a", EntryType::Directory, ""),
    ("a/b", EntryType::Regular, ""),
    ("b", EntryType::Symlink, "a"),
    ("c", EntryType::Regular, ""),
    ("d", EntryType::Link, "c"),
    ("usr/lib/x", EntryType::Regular, ""),
];

fn base_layer() -> Vec<u8> {
    archive(&BASE).unwrap_or_default()
}

fn archive(members: &[Member]) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for (path, kind, target) in members {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o755);
        header.set_mtime(1);
        header.set_size(0);
        match kind {
            EntryType::Symlink | EntryType::Link => tar.append_link(&mut header, path, target)?,
            EntryType::Regular => {
                header.set_size(path.len() as u64);
                tar.append_data(&mut header, path, path.as_bytes())?;
            }
            _ => tar.append_data(&mut header, path, io::empty())?,
        }
    }
    tar.into_inner()
}

fn seeds() -> Vec<Vec<u8>> {
    let long: &'static str = concat!(
        "usr/share/a-long-name-that-needs-a-member-of-its-own-before-it/since-a-header-has-room-for-a-hundred-bytes/",
        "and-this-one-has-more"
    );
    let members: [&[Member]; 6] = [
        &BASE,
        &[
            ("./", EntryType::Directory, ""),
            ("./etc/", EntryType::Directory, ""),
            ("./etc/passwd", EntryType::Regular, ""),
        ],
        &[
            ("usr/lib", EntryType::Directory, ""),
            ("lib", EntryType::Symlink, "usr/lib"),
            ("lib/x", EntryType::Regular, ""),
            ("up", EntryType::Symlink, "usr/../lib"),
            ("up/y", EntryType::Regular, ""),
            ("lib", EntryType::Directory, ""),
        ],
        &[
            (long, EntryType::Regular, ""),
            ("link", EntryType::Symlink, long),
            ("hard", EntryType::Link, long),
        ],
        &[
            ("dev/null", EntryType::Char, ""),
            ("run/fifo", EntryType::Fifo, ""),
            ("dev/sda", EntryType::Block, ""),
        ],
        &[
            ("manifest.json", EntryType::Regular, ""),
            ("bin", EntryType::Directory, ""),
        ],
    ];
    let mut seeds: Vec<Vec<u8>> = members
        .iter()
        .filter_map(|members| archive(members).ok())
        .collect();
    seeds.extend(extended().ok());
    let mut real = Builder::new(Vec::new());
    if real
        .append_dir_all("images", seeds::project().join("fixtures/images"))
        .is_ok()
    {
        seeds.extend(real.into_inner().ok());
    }
    let packed = seeds.iter().map(|plain| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        let _ = packed.write_all(plain);
        packed.finish().unwrap_or_default()
    });
    let mut all: Vec<Vec<u8>> = packed.collect();
    // A bomb, other compressions, one without an end.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let _ = bomb.write_all(&vec![0; 300 << 10]);
    all.extend(bomb.finish().ok());
    all.extend([
        b"BZh9".to_vec(),
        b"\xfd7zXZ\0".to_vec(),
        b"\x28\xb5\x2f\xfd".to_vec(),
    ]);
    all.extend(
        seeds
            .first()
            .map(|plain| plain[..plain.len() - 1024].to_vec()),
    );
    all.extend(seeds);
    all
}

/// Members with extended headers, a global one, and a sparse file of the old GNU format.
fn extended() -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::XGlobalHeader);
    header.set_size(16);
    header.set_cksum();
    tar.append(&header, &b"16 comment=hello"[..])?;
    tar.append_pax_extensions([("path", &b"pax/name"[..]), ("mtime", b"1.5")])?;
    let mut header = Header::new_ustar();
    header.set_path("ignored")?;
    header.set_mode(0o644);
    header.set_size(3);
    header.set_cksum();
    tar.append(&header, &b"abc"[..])?;
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNUSparse);
    header.set_path("sparse")?;
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(4);
    if let Some(gnu) = header.as_gnu_mut() {
        gnu.sparse[0].offset[..12].copy_from_slice(b"00000001000\0");
        gnu.sparse[0].numbytes[..12].copy_from_slice(b"00000000004\0");
        gnu.realsize.copy_from_slice(b"00000001004\0");
    }
    header.set_cksum();
    tar.append(&header, &b"data"[..])?;
    tar.into_inner()
}
