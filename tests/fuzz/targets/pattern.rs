//! Patterns, and the outputs they are held against: an input is a pattern, a NUL, an output.

use crate::oracle::matcher::{Piece, fits, pieces};
use crate::{Covered, Target, mutate, seeds};
use checks::captures::Captures;
use checks::clean;
use checks::pattern::{LinePattern, STEPS_PER_BYTE, Snapshot, Steps, escape};

pub(super) const TARGET: Target = Target {
    name: "pattern",
    check,
    seeds: || {
        let levels = seeds::files("levels");
        // Many are much alike.
        let snapshots = levels
            .iter()
            .flat_map(|(_, file)| snapshots(&String::from_utf8_lossy(file)))
            .step_by(4);
        let written = SEEDS
            .iter()
            .map(|(pattern, output)| format!("{pattern}\0{output}").into_bytes());
        written.chain(snapshots).collect()
    },
    mutate: |input, random| mutate::text(input, random, &WORDS),
    longest: 512,
    covers: &[
        Covered::File("checks/pattern/line.rs"),
        Covered::File("checks/pattern/parse.rs"),
        Covered::File("checks/pattern/snapshot.rs"),
        Covered::File("checks/clean.rs"),
        Covered::Functions(
            "checks/errno.rs",
            &["by_name", "spelled", "prefix", "continues"],
        ),
        Covered::Functions(
            "checks/captures.rs",
            &["get", "bind", "fill", "replace", "is_capture_name"],
        ),
    ],
};

const SEEDS: [(&str, &str); 12] = [
    (
        "Created a new root fs for our container: [ROOTFS]\n...\n[PID] exited with status [STATUS 3]",
        "Created a new root fs for our container: /workshop/containers/1/rootfs\r\nx\r\n12 exited with status 768\r\n",
    ),
    (
        "...\n[..][ERROR ENOENT][..]\n...",
        "bash: /bin/x: No such file or directory\nmore\n",
    ),
    ("[ERROR EPERM]: [NAME]", "os error 1: x"),
    ("[ERROR EACCES]", "Os { code: 13, kind: PermissionDenied"),
    ("[STATUS nonzero]", "exit status 1"),
    ("was [STATUS SIGKILL]", "was signal: 9 (SIGKILL)"),
    ("[STATUS SIGTERM]", "signal: terminated"),
    ("[STATUS nonzero]", "SIGSEGV"),
    ("[[NAME] [[..] [Errno 2]", "[NAME] [..] [Errno 2]"),
    ("[A]:[B]:[A]", "x:y:x"),
    ("a[..]b[..]c", "a b b c c"),
    (
        "text",
        "\u{1b}[31mte\u{1b}]0;title\u{7}xt\u{1b}(B\u{9b}0m  ",
    ),
];

const WORDS: [&str; 44] = [
    "[..]",
    "...\n",
    "\n...\n",
    "[NAME]",
    "[A]",
    "[CONTAINERS]",
    "[STATUS 3]",
    "[STATUS 0]",
    "[STATUS nonzero]",
    "[STATUS SIGKILL]",
    "[STATUS SIGTERM]",
    "[ERROR ENOENT]",
    "[ERROR EPERM]",
    "[ERROR EBUSY]",
    "[[",
    "[",
    "]",
    "\0",
    "exit status ",
    "exit status: 3",
    "exit code 768",
    "-9",
    "137",
    "signal: 9 (SIGKILL)",
    "signal: killed",
    "SIGKILL",
    "signal 15",
    "signal: segmentation fault",
    "(core dumped)",
    "No such file or directory",
    "not found",
    "os error 2",
    "Os { code: 2",
    "errno=2",
    "ENOENT",
    "/workshop/containers",
    "\u{1b}[1m",
    "\u{1b}]0;",
    "\u{7}",
    "\u{1b}\\",
    "\u{9b}",
    "\u{1b}P",
    "\u{9c}",
    "é",
];

/// The snapshots in a level file, each with an output that is the snapshot itself.
fn snapshots(file: &str) -> Vec<Vec<u8>> {
    let blocks = file.split("snapshot: |\n").skip(1);
    let texts = blocks.map(|block| {
        let lines = block
            .lines()
            .take_while(|line| line.starts_with("            "));
        lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
    });
    texts
        .map(|text| format!("{text}\0{text}").into_bytes())
        .collect()
}

fn captures() -> Captures {
    let mut captures = Captures::default();
    captures.bind("CONTAINERS", "/workshop/containers");
    captures
}

fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (pattern, output) = text.split_once('\0').unwrap_or((&text, &text));
    cleaned(output);
    let lines = clean::lines(output);
    for line in lines.iter().take(2) {
        escaped_is_literal(line);
    }
    for pattern in pattern.split('\n').take(4) {
        for line in lines.iter().take(4) {
            one_line(pattern, line);
        }
    }
    whole(pattern, output, &lines);
}

/// What control sequences leave is text, in as many lines as before.
fn cleaned(output: &str) {
    let clean = clean::clean(output);
    assert!(
        clean
            .chars()
            .all(|letter| "\n\t".contains(letter) || !letter.is_control())
    );
    assert_eq!(clean::clean(&clean), clean);
    assert_eq!(
        clean.matches('\n').count(),
        output.matches('\n').count(),
        "a line went"
    );
    let plain = !output.contains(['\u{1b}', '\u{9b}']);
    if plain {
        let kept = |letter: &char| "\n\t".contains(*letter) || !letter.is_control();
        assert_eq!(clean, output.chars().filter(kept).collect::<String>());
    }
}

fn escaped_is_literal(line: &str) {
    let pattern = LinePattern::parse(&escape(line));
    let pattern =
        pattern.unwrap_or_else(|bad| panic!("{line:?} cannot be written literally: {bad:?}"));
    assert!(pattern.is_literal(), "{line:?}");
    let mut captures = captures();
    assert!(
        pattern.matches(line, &mut captures),
        "{line:?} does not match itself"
    );
    assert!(!pattern.matches(&format!("{line}x"), &mut captures));
}

/// Whether some reading of the line is sure to be found. A wildcard commits to its first fit, so that with several of
/// them another reading may be missed; a single name, and any texts and `[..]`, leave nothing to miss.
fn is_simple(pieces: &[Piece]) -> bool {
    let names = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Name(_)))
        .count();
    let gaps = pieces.iter().filter(|piece| **piece == Piece::Any).count();
    let others = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Status(_) | Piece::Error(_)));
    !others && (names == 0 || (names == 1 && gaps == 0))
}

fn one_line(source: &str, line: &str) {
    let Ok(pattern) = LinePattern::parse(source) else {
        return;
    };
    let (mut bound, mut steps) = (captures(), Steps::default());
    let budget = STEPS_PER_BYTE * (line.len() as u64 + 64);
    let matches = pattern.matches_counting(line, &mut bound, &mut steps);
    assert!(steps.taken() <= budget, "{} steps", steps.taken());
    let pieces = pieces(source);
    if matches {
        assert!(
            fits(&pieces, line, &bound),
            "{source:?} matches {line:?} with {bound:?}"
        );
        assert!(
            pattern.names().all(|name| bound.get(name).is_some()),
            "{source:?} left a name unbound"
        );
    } else {
        assert_eq!(bound, captures(), "{source:?} bound a name in vain");
        let sure = is_simple(&pieces) && steps.taken() < budget;
        assert!(
            !sure || !fits(&pieces, line, &bound),
            "{source:?} does not match {line:?}"
        );
    }
}

fn whole(source: &str, output: &str, lines: &[String]) {
    let snapshot = match Snapshot::parse(source) {
        Ok(snapshot) => snapshot,
        Err(bad) => {
            assert!(
                bad.offset <= source.chars().count()
                    && !bad.message.is_empty()
                    && !bad.remedy.is_empty()
            );
            return;
        }
    };
    let (mut bound, mut steps) = (captures(), Steps::default());
    let compared = snapshot.compare_counting(output, &mut bound, &mut steps);
    // Each line is looked at once.
    let budget: u64 = lines
        .iter()
        .map(|line| STEPS_PER_BYTE * (line.len() as u64 + 64))
        .sum();
    assert!(steps.taken() <= budget, "{} steps", steps.taken());
    let items: Vec<&str> = match source.trim_end() {
        "" => Vec::new(),
        source => source.split('\n').collect(),
    };
    match compared {
        Ok(()) => assert!(
            some_reading(&items, lines, &bound),
            "{source:?} matches {output:?} with {bound:?}"
        ),
        Err(mismatch) => {
            assert!(mismatch.pattern_line < items.len().max(1));
            assert!(!mismatch.reason.is_empty());
            let simple = items
                .iter()
                .all(|item| is_simple(&pieces(item)) && !item.contains('['));
            assert!(
                !simple || !first_reading(&items, lines, &bound),
                "{source:?} does not match {output:?}"
            );
        }
    }
}

/// Whether the lines can be read as the items in any way.
fn some_reading(items: &[&str], lines: &[String], bound: &Captures) -> bool {
    // Which lines can be reached: before the first item, the beginning alone.
    let mut starts = vec![false; lines.len() + 1];
    starts[0] = true;
    for item in items {
        let mut next = vec![false; lines.len() + 1];
        for (start, _) in starts.iter().enumerate().filter(|(_, reached)| **reached) {
            if item.trim_end() == "..." {
                next[start..].fill(true);
            } else if lines
                .get(start)
                .is_some_and(|line| fits(&pieces(item), line, bound))
            {
                next[start + 1] = true;
            }
        }
        starts = next;
    }
    starts[lines.len()]
}

/// Whether they can when `...` ends at the first line that the next item fits.
fn first_reading(items: &[&str], lines: &[String], bound: &Captures) -> bool {
    let mut rest = lines.iter();
    let mut gap = false;
    for item in items {
        if item.trim_end() == "..." {
            gap = true;
            continue;
        }
        let fitting = |line: &String| fits(&pieces(item), line, bound);
        let found = if gap {
            rest.any(&fitting)
        } else {
            rest.next().is_some_and(fitting)
        };
        if !found {
            return false;
        }
        gap = false;
    }
    gap || rest.next().is_none()
}
