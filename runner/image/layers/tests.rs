use super::*;
use rstest::rstest;
use tar::Header;

fn member(header: &mut Header, path: &str) {
    header.set_mode(0o755);
    header.set_cksum();
    assert_eq!(header.path_bytes(), path.as_bytes());
}

fn merged(layers: &[&[Header]]) -> Vec<String> {
    let place = tempfile::TempDir::new().unwrap();
    let written = layers.iter().enumerate().map(|(number, headers)| {
        let layer = place.path().join(number.to_string());
        let mut tar = Builder::new(File::create(&layer).unwrap());
        for header in *headers {
            tar.append(header, io::empty()).unwrap();
        }
        tar.finish().unwrap();
        layer
    });
    let mut out = Vec::new();
    merge(&written.collect::<Vec<_>>(), &mut out).unwrap();
    let mut archive = Archive::new(out.as_slice());
    let entries = archive.entries().unwrap();
    entries
        .map(|entry| String::from_utf8(entry.unwrap().path_bytes().into()).unwrap())
        .collect()
}

fn header(path: &str, kind: EntryType, target: &str) -> Header {
    let mut header = Header::new_gnu();
    header.set_path(path).unwrap();
    header.set_entry_type(kind);
    header.set_size(0);
    if !target.is_empty() {
        header.set_link_name(target).unwrap();
    }
    member(&mut header, path);
    header
}

#[rstest]
#[case::directory("usr/lib", &["usr/lib/", "lib", "lib/x"])]
#[case::file("file", &["usr/lib/", "file", "lib/", "lib/x"])]
#[case::nothing("nowhere", &["usr/lib/", "lib/", "lib/x"])]
#[case::outside("../usr/lib", &["usr/lib/", "lib/", "lib/x"])]
fn a_link_stays_where_it_leads_to_a_directory(#[case] target: &str, #[case] expected: &[&str]) {
    let mut lower = vec![
        header("usr/lib", EntryType::Directory, ""),
        header("file", EntryType::Regular, ""),
        header("lib", EntryType::Symlink, target),
    ];
    if !expected.contains(&"file") {
        lower.remove(1);
    }
    let upper = [
        header("lib", EntryType::Directory, ""),
        header("lib/x", EntryType::Regular, ""),
    ];
    assert_eq!(merged(&[&lower, &upper]), expected);
}

#[test]
fn a_path_in_two_parts_stays_the_same_path() {
    let mut header = Header::new_ustar();
    header.set_size(0);
    let ustar = header.as_ustar_mut().unwrap();
    ustar.prefix[..9].copy_from_slice(b"usr/share");
    ustar.name[..3].copy_from_slice(b"doc");
    member(&mut header, "usr/share/doc");
    assert_eq!(merged(&[&[header]]), ["usr/share/doc"]);
}

#[test]
fn a_directory_with_a_size_is_followed_by_the_next_member() {
    let mut directory = header("a", EntryType::Directory, "");
    let file = header("b", EntryType::Regular, "");
    // What was behind it goes, whatever it was.
    directory.set_size(512);
    directory.set_cksum();
    let data = Header::new_gnu();
    assert_eq!(merged(&[&[directory, data, file]]), ["a/", "b"]);
}

#[test]
fn a_file_gives_way_to_a_directory_without_a_member() {
    let lower = [header("usr", EntryType::Regular, "")];
    let upper = [header("usr/x", EntryType::Regular, "")];
    assert_eq!(merged(&[&lower, &upper]), ["usr/x"]);
}
