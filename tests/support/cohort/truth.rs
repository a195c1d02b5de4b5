//! The gradebook as it follows from the definitions: levels, faults, forgers and `cohort.yaml`. Nothing here was graded, and
//! nothing here knows the code that writes the real one.

use super::Definition;
use super::members::{Kind, Member, faults};
use checks::level::Level;
use rdgrade::level::LevelSet;
use std::collections::BTreeMap;

/// RFC 4180, written out by hand.
pub fn gradebook(definition: &Definition, levels: &[String], members: &[Member]) -> String {
    let set = LevelSet::embedded().unwrap();
    let levels: Vec<&Level> = levels
        .iter()
        .map(|id| {
            &set.iter()
                .find(|loaded| loaded.level.level == *id)
                .unwrap()
                .level
        })
        .collect();
    let mut header: Vec<String> = ["id", "name", "status", "score", "max"]
        .map(String::from)
        .into();
    for level in &levels {
        header.push(level.level.clone());
        header.extend(
            level
                .checks
                .iter()
                .map(|check| format!("{}/{}", level.level, check.id)),
        );
    }
    let columns = header.len();
    let mut text = line(&header);
    for member in members {
        let mut row = vec![member.id.clone(), disarmed(member.name.trim())];
        if let Kind::Broken(_) = member.kind {
            row.push("not graded".into());
            row.resize(columns, String::new());
        } else {
            row.push("graded".into());
            let points: Vec<BTreeMap<&str, u32>> = levels
                .iter()
                .enumerate()
                .map(|(index, level)| earned(definition, &member.kind, index, level))
                .collect();
            row.push(
                points
                    .iter()
                    .flat_map(BTreeMap::values)
                    .sum::<u32>()
                    .to_string(),
            );
            let all = levels.iter().flat_map(|level| &level.checks);
            let maximum: u32 = all
                .filter(|check| !check.bonus)
                .map(|check| check.points)
                .sum();
            row.push(maximum.to_string());
            for (level, points) in levels.iter().zip(&points) {
                row.push(points.values().sum::<u32>().to_string());
                row.extend(
                    level
                        .checks
                        .iter()
                        .map(|check| points[check.id.as_str()].to_string()),
                );
            }
        }
        text.push_str(&line(&row));
    }
    text
}

/// What each check of a level earns.
fn earned<'l>(
    definition: &Definition,
    kind: &Kind,
    index: usize,
    level: &'l Level,
) -> BTreeMap<&'l str, u32> {
    let with = |points: &dyn Fn(&str, u32) -> u32| -> BTreeMap<&'l str, u32> {
        let checks = level.checks.iter();
        checks
            .map(|check| (check.id.as_str(), points(&check.id, check.points)))
            .collect()
    };
    let all = || with(&|_, points| points);
    let mistaken = |ids: &[&str]| {
        let file = faults(&level.level);
        let mistakes: Vec<_> = file
            .faults
            .iter()
            .filter(|fault| ids.contains(&fault.id.as_str()))
            .collect();
        assert_eq!(mistakes.len(), ids.len(), "{}: {ids:?}", level.level);
        let lost = |check: &str| {
            mistakes.iter().any(|fault| {
                fault
                    .fails
                    .iter()
                    .chain(&fault.blocked)
                    .any(|id| id == check)
            })
        };
        let keeps = |check: &str| {
            let kept = definition.keeps.get(&level.level);
            let each = ids.iter().filter_map(|id| kept?.get(*id)?.get(check));
            each.min().copied().unwrap_or(0)
        };
        with(&|check, points| if lost(check) { keeps(check) } else { points })
    };
    match kind {
        Kind::Partial { level: at } if *at == index => {
            let like: Vec<&str> = definition.partial[&level.level]
                .like
                .iter()
                .map(String::as_str)
                .collect();
            mistaken(&like)
        }
        Kind::Faulty { level: at, fault } if *at == index => {
            mistaken(&[faults(&level.level).faults[*fault].id.as_str()])
        }
        Kind::Forging { level: at, forger } if *at == index => {
            let earns = faults(&level.level).forgers[*forger].earns.clone();
            with(&|check, points| {
                if earns.iter().any(|id| id == check) {
                    points
                } else {
                    0
                }
            })
        }
        Kind::Trouble { level: at, .. } | Kind::Hanging { level: at } if *at == index => {
            with(&|_, _| 0)
        }
        _ => all(),
    }
}

fn line(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

/// No cell of a spreadsheet is a formula.
fn disarmed(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
