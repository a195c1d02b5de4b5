//! Which line of an output belongs to which line of a snapshot: the pairing that is worth most.

use alloc::{vec, vec::Vec};

/// A line of a snapshot as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'s> {
    /// `...`
    Gap,
    /// A pattern.
    Line(&'s str),
}

impl<'s> Item<'s> {
    pub fn read(line: &'s str) -> Item<'s> {
        match line.trim_end() {
            "..." => Item::Gap,
            source => Item::Line(source),
        }
    }

    pub fn source(&self) -> &'s str {
        match self {
            Item::Gap => "...",
            Item::Line(source) => source,
        }
    }
}

/// What a pattern and a line have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The pattern matches the line.
    Matches,
    /// The line may have come in the pattern's place; up to [`LIKE`], the more the likelier.
    Resembles(u32),
    /// The two are not to be paired.
    Never,
}

/// Highest likeness.
pub(super) const LIKE: u32 = 40;

/// A line of the snapshot to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Lines that do not matter.
    Gap,
    /// A line that does, and the old pattern that stood for it.
    Line {
        /// Index of the pattern.
        item: Option<usize>,
        /// Index of the line.
        line: usize,
    },
}

/// A match is worth more than any likeness, so that no pattern is given up while its line is there.
const MATCH: i64 = 1000;
/// A pattern without any line is a last resort: even a line that is unlike it is likelier to have come in its place.
const PAIR: i64 = 5;
/// A line that must be recorded although nothing in the snapshot speaks of it.
const NEW: i64 = -1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    End,
    /// To the next item: a gap opens, or a pattern is dropped.
    Item,
    /// Past a line that a gap covers.
    Skip,
    /// A line that nothing speaks of.
    New,
    Pair,
}

/// Pairs `items` with `lines` lines so that every line is covered by a pattern or a gap.
pub(super) fn align(items: &[Item], lines: usize, fit: &dyn Fn(usize, usize) -> Fit) -> Vec<Part> {
    // best[item][line][open]: what can be won from here on, a gap being open or not.
    let cell = [(0i64, Move::End); 2];
    let mut best = vec![vec![cell; lines + 1]; items.len() + 1];
    for item in (0..=items.len()).rev() {
        for line in (0..=lines).rev() {
            let fit = match items.get(item) {
                Some(Item::Line(_)) if line < lines => Some(fit(item, line)),
                _ => None,
            };
            for open in [0, 1] {
                best[item][line][open] = step(items, (item, line, open), fit, &best, lines);
            }
        }
    }
    walk(items, lines, &best)
}

fn step(
    items: &[Item],
    (item, line, open): (usize, usize, usize),
    fit: Option<Fit>,
    best: &[Vec<[(i64, Move); 2]>],
    lines: usize,
) -> (i64, Move) {
    let mut moves: Vec<(i64, Move)> = Vec::new();
    let here = |item: usize, line: usize, open: usize| best[item][line][open].0;
    match fit {
        Some(Fit::Matches) => moves.push((MATCH + here(item + 1, line + 1, 0), Move::Pair)),
        Some(Fit::Resembles(likeness)) => {
            let worth = PAIR + i64::from(likeness.min(LIKE));
            moves.push((worth + here(item + 1, line + 1, 0), Move::Pair));
        }
        Some(Fit::Never) | None => {}
    }
    // A gap ends at the first line that matches what follows it.
    if line < lines && open == 1 && fit != Some(Fit::Matches) {
        moves.push((here(item, line + 1, 1), Move::Skip));
    }
    match items.get(item) {
        Some(Item::Gap) => moves.push((here(item + 1, line, 1), Move::Item)),
        Some(Item::Line(_)) => moves.push((here(item + 1, line, open), Move::Item)),
        None => {}
    }
    if line < lines && open == 0 {
        moves.push((NEW + here(item, line + 1, 0), Move::New));
    }
    // Of equals the first.
    moves
        .into_iter()
        .rev()
        .max_by_key(|(worth, _)| *worth)
        .unwrap_or((0, Move::End))
}

fn walk(items: &[Item], lines: usize, best: &[Vec<[(i64, Move); 2]>]) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut item, mut line, mut open) = (0, 0, 0);
    loop {
        match best[item][line][open].1 {
            Move::End => return parts,
            Move::Item => {
                if items[item] == Item::Gap {
                    parts.push(Part::Gap);
                    open = 1;
                }
                item += 1;
            }
            Move::Skip => line += 1,
            Move::New => {
                parts.push(Part::Line { item: None, line });
                line += 1;
            }
            Move::Pair => {
                parts.push(Part::Line {
                    item: Some(item),
                    line,
                });
                (item, line, open) = (item + 1, line + 1, 0);
            }
        }
        debug_assert!(line <= lines);
    }
}
