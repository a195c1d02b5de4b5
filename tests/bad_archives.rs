//! Archives given with `--image`: real exports are taken, and what could harm is refused with a reason.

use rdgrade::image::{ImageError, ImageOption, ImageStore, Limits, Mapping, Reason};
use rstest::rstest;
use std::fs;
use std::io::Write;
use std::path::Path;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

enum Member<'a> {
    File(&'a str, usize),
    Directory(&'a str),
    Symlink(&'a str, &'a str),
    HardLink(&'a str, &'a str),
    Device(&'a str),
    Typed(&'a str, u8),
}
use Member::*;

/// A tar with names written as they are: the tar crate's own `set_path` would refuse what must be tested.
fn archive(members: &[Member<'_>]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for member in members {
        let (name, target, kind, size) = match member {
            File(name, size) => (name, "", EntryType::Regular, *size),
            Directory(name) => (name, "", EntryType::Directory, 0),
            Symlink(name, target) => (name, *target, EntryType::Symlink, 0),
            HardLink(name, target) => (name, *target, EntryType::Link, 0),
            Device(name) => (name, "", EntryType::Char, 0),
            Typed(name, kind) => (name, "", EntryType::new(*kind), 0),
        };
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o755);
        header.set_size(size as u64);
        let bytes = header.as_gnu_mut().unwrap();
        bytes.name[..name.len()].copy_from_slice(name.as_bytes());
        bytes.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        tar.append(&header, vec![b'x'; size].as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn take(bytes: &[u8], limits: Limits) -> Result<Vec<String>, ImageError> {
    let files = TempDir::new().unwrap();
    let file = files.path().join("export.tar");
    fs::write(&file, bytes).unwrap();
    let option = ImageOption {
        name: "ubuntu".parse().unwrap(),
        file,
    };
    let cache = files.path().join("cache");
    let store = ImageStore::open_at(&cache, &[option], limits)?;
    let taken = store.directory(&Mapping::new());
    if taken.is_err() {
        assert_eq!(
            drafts(&cache),
            0,
            "a refused archive leaves nothing in the cache"
        );
    }
    Ok(taken?.images["ubuntu"].top.clone())
}

fn drafts(cache: &Path) -> usize {
    fs::read_dir(cache)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .count()
}

#[rstest]
#[case::plain(&[Directory("./"), Directory("./usr/"), File("./usr/x", 3)], &["usr"])]
#[case::leading_slash(&[File("/etc/x", 3)], &["etc"])]
#[case::absolute_links(&[Symlink("etc/alternatives/awk", "/usr/bin/mawk"), Symlink("lib64", "/usr/lib64")], &["etc", "lib64"])]
#[case::climbing_link(&[Symlink("x", "../../../etc/passwd")], &["x"])]
#[case::devices(&[Device("dev/null")], &["dev"])]
#[case::links_within(&[File("a", 1), HardLink("b/c", "./a"), Symlink("lib", "usr/lib"), File("lib/x", 1)], &["a", "b", "lib", "usr"])]
#[case::replaced_link(&[Symlink("a", "/etc"), File("a", 1), File("b", 1)], &["a", "b"])]
fn real_exports_are_taken(#[case] members: &[Member<'_>], #[case] top: &[&str]) {
    assert_eq!(take(&archive(members), Limits::default()).unwrap(), top);
    assert_eq!(
        take(&gzipped(&archive(members)), Limits::default()).unwrap(),
        top
    );
}

#[rstest]
#[case::climbs(&[File("ok", 1), File("usr/../../etc/x", 1)], "usr/../../etc/x", Reason::Climbs)]
#[case::hard_link_out(&[HardLink("x", "../etc/shadow")], "x", Reason::LinkOut("../etc/shadow".into()))]
#[case::hard_link_to_host(&[HardLink("x", "/etc/shadow")], "x", Reason::LinkToNothing("/etc/shadow".into()))]
#[case::hard_link_through(&[Symlink("d", "/etc"), HardLink("x", "d/shadow")], "x", Reason::LinkOut("d/shadow".into()))]
#[case::through_absolute(&[Symlink("d", "/etc"), File("d/x", 1)], "d/x", Reason::ThroughLink { link: "d".into(), target: "/etc".into() })]
#[case::through_climbing(&[Symlink("a/d", "../../x"), File("a/d/x", 1)], "a/d/x", Reason::ThroughLink { link: "a/d".into(), target: "../../x".into() })]
#[case::through_two(&[Symlink("a", "b"), Symlink("b", ".."), File("a/x", 1)], "a/x", Reason::ThroughLink { link: "b".into(), target: "..".into() })]
#[case::through_a_hard_link_to_a_link(&[Symlink("a", "/etc"), HardLink("b", "a"), File("b/x", 1)], "b/x", Reason::ThroughLink { link: "b".into(), target: "/etc".into() })]
#[case::below_a_file(&[File("a", 1), File("a/x", 1)], "a/x", Reason::BelowFile("a".into()))]
#[case::link_for_a_directory(&[Directory("a/"), Symlink("a", "usr/lib")], "a", Reason::LinkForDirectory)]
#[case::link_for_a_directory_without_a_member(&[File("a/x", 1), Symlink("a", "usr/lib")], "a", Reason::LinkForDirectory)]
#[case::no_root(&[File("./", 1)], "./", Reason::RootIsNone)]
#[case::link_to_nothing(&[Symlink("x", "")], "x", Reason::EmptyLink)]
#[case::odd(&[Typed("x", b'M')], "x", Reason::OddType('M'))]
fn members_that_leave_the_root_are_refused(
    #[case] members: &[Member<'_>],
    #[case] at: &str,
    #[case] why: Reason,
) {
    for bytes in [archive(members), gzipped(&archive(members))] {
        match take(&bytes, Limits::default()) {
            Err(ImageError::Refused {
                member,
                reason,
                file,
            }) => {
                assert_eq!((member.as_deref(), &reason), (Some(at), &why));
                assert!(file.ends_with("export.tar"));
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}

fn tight() -> Limits {
    Limits {
        unpacked_bytes: 1 << 20,
        members: 10,
        gzip_ratio: 20,
        gzip_ratio_from: 64 << 10,
    }
}

#[rstest]
#[case::large(archive(&[File("x", 2 << 20)]), Reason::TooLarge(1 << 20))]
#[case::many(archive(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].map(Directory)), Reason::TooMany(10))]
#[case::bomb(gzipped(&archive(&[File("x", 512 << 10)])), Reason::Bomb(20))]
#[case::empty_tar(vec![0; 1024], Reason::Empty)]
#[case::empty_file(vec![], Reason::Empty)]
#[case::no_end(archive(&[File("x", 600)])[..512 + 1024].to_vec(), Reason::Truncated("no end-of-archive marker"))]
#[case::short_member(archive(&[File("x", 600)])[..512 + 300].to_vec(), Reason::Truncated("the data of this member are cut off"))]
#[case::short_header(archive(&[File("x", 600), File("y", 1)])[..512 + 1024 + 100].to_vec(), Reason::Truncated("in the middle of a member"))]
#[case::xz(b"\xfd7zXZ\0rest".to_vec(), Reason::Compression("xz"))]
#[case::docker_save(archive(&[File("manifest.json", 1), Directory("blobs/")]), Reason::SavedImage)]
fn bombs_and_stumps_are_refused(#[case] bytes: Vec<u8>, #[case] why: Reason) {
    match take(&bytes, tight()) {
        Err(ImageError::Refused { reason, .. }) => assert_eq!(reason, why),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn damage_is_told_apart_from_other_files() {
    let good = gzipped(&archive(&[File("x", 5000)]));
    let cut = &good[..good.len() - 9];
    let mut flipped = good.clone();
    let checksum = flipped.len() - 6;
    flipped[checksum] ^= 0xff;
    for bytes in [cut, &flipped] {
        let error = take(bytes, Limits::default()).unwrap_err();
        assert!(
            matches!(
                &error,
                ImageError::Refused {
                    reason: Reason::CorruptGzip(_),
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.to_string().contains("export it again"), "{error}");
    }
    let error = take(&[b'<'; 2000], Limits::default()).unwrap_err();
    assert!(
        matches!(
            &error,
            ImageError::Refused {
                reason: Reason::Malformed(_),
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("docker export"), "{error}");
}

#[test]
fn a_mode_that_is_no_number_is_refused() {
    let mut bytes = archive(&[File("x", 1)]);
    bytes[100..108].copy_from_slice(b"0297401\0");
    // The sum of all bytes, those of the field itself taken for blanks (tar(5)).
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
    bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    match take(&bytes, Limits::default()) {
        Err(ImageError::Refused {
            member,
            reason: Reason::Malformed(why),
            ..
        }) => {
            assert_eq!(member.as_deref(), Some("x"));
            assert!(why.contains("0297401"), "{why}");
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_name_with_a_nul_is_refused() {
    let mut tar = Builder::new(Vec::new());
    tar.append_pax_extensions([("path", &b"a\0b"[..])]).unwrap();
    let mut header = Header::new_ustar();
    header.set_path("a").unwrap();
    header.set_size(0);
    header.set_cksum();
    tar.append(&header, std::io::empty()).unwrap();
    let refused = take(&tar.into_inner().unwrap(), Limits::default());
    assert!(
        matches!(
            refused,
            Err(ImageError::Refused {
                reason: Reason::Nul,
                ..
            })
        ),
        "{refused:?}"
    );
}
