//! Where a member would land, and whether that is inside the root.

use super::reason::Reason;
use std::collections::HashMap;

/// As many links as the kernel follows in one path (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// The path of a member as unpackers take it: `/` and `./` at its beginning mean nothing, `..` is refused.
///
/// # Errors
/// [`Reason::Climbs`].
pub fn normalised(path: &[u8]) -> Result<String, Reason> {
    let path = String::from_utf8_lossy(path);
    let names: Vec<&str> = path
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".")
        .collect();
    if names.contains(&"..") {
        Err(Reason::Climbs)
    } else {
        Ok(names.join("/"))
    }
}

/// The symbolic links met so far: normalised path → target.
#[derive(Debug, Default)]
pub struct Links(HashMap<String, String>);

impl Links {
    /// A link was met.
    pub fn add(&mut self, path: String, target: String) {
        self.0.insert(path, target);
    }

    /// Where the link at `path` leads, if there is one.
    pub fn target(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Something else took the place of what was at `path`.
    pub fn remove(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// The place `path` really has once the links in the directories above it are followed. The last name is not
    /// followed: a member replaces a link.
    ///
    /// # Errors
    /// [`Reason::ThroughLink`] if that would be outside. An absolute link counts as outside: a program that unpacks
    /// before it changes its root would follow it into the host.
    pub fn place(&self, path: &str) -> Result<String, Reason> {
        let Some((above, name)) = path.rsplit_once('/') else {
            return Ok(path.to_owned());
        };
        let mut rest: Vec<String> = above.split('/').rev().map(str::to_owned).collect();
        let mut place: Vec<String> = Vec::new();
        let mut followed = 0;
        let mut last = (String::new(), String::new());
        while let Some(next) = rest.pop() {
            let leaves = |(link, target): &(String, String)| Reason::ThroughLink {
                link: link.clone(),
                target: target.clone(),
            };
            match next.as_str() {
                "" | "." => continue,
                ".." => {
                    place.pop().ok_or_else(|| leaves(&last))?;
                    continue;
                }
                _ => place.push(next),
            }
            let here = place.join("/");
            if let Some(target) = self.0.get(&here) {
                last = (here, target.clone());
                followed += 1;
                if target.starts_with('/') || followed > MAX_LINKS {
                    return Err(leaves(&last));
                }
                place.pop();
                rest.extend(target.split('/').rev().map(str::to_owned));
            }
        }
        place.push(name.to_owned());
        Ok(place.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(b"/etc/passwd", Ok("etc/passwd"))]
    #[case(b"./usr//bin/.", Ok("usr/bin"))]
    #[case(b"./", Ok(""))]
    #[case(b"usr/../../etc", Err(Reason::Climbs))]
    #[case(b"..", Err(Reason::Climbs))]
    fn leading_slashes_go_and_climbing_is_refused(
        #[case] path: &[u8],
        #[case] expected: Result<&str, Reason>,
    ) {
        assert_eq!(normalised(path), expected.map(str::to_owned));
    }

    #[rstest]
    #[case("lib/x/libc.so", Some("usr/lib/x/libc.so"))]
    #[case("usr/loop/x", None)]
    #[case("abs/x", None)]
    #[case("up/x", None)]
    #[case("deep/x", Some("x"))]
    #[case("chain/x", Some("usr/lib/x"))]
    #[case("abs", Some("abs"))]
    fn links_are_followed_within_the_root(#[case] path: &str, #[case] place: Option<&str>) {
        let mut links = Links::default();
        for (path, target) in [
            ("lib", "usr/lib"),
            ("usr/loop", "loop"),
            ("abs", "/etc"),
            ("up", "usr/../../etc"),
            ("deep", "usr/.."),
            ("chain", "./lib"),
        ] {
            links.add(path.to_owned(), target.to_owned());
        }
        assert_eq!(links.place(path).ok().as_deref(), place);
    }
}
