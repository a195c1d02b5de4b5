//! A class made up: as many students as wanted, every built-in level, the mistakes that students make. The same every time.

use super::*;
use checks::level::{Action, Check, Level};
use rdgrade::event::Student;
use rdgrade::level::LevelSet;
use rdgrade::recording::{Moment, Recording};

const FIRST: [&str; 25] = [
    "Ada", "Alan", "Barbara", "Bjarne", "Claude", "Dennis", "Edsger", "Frances", "Grace", "Haşim",
    "Hedy", "Imre", "Jean", "Ken", "Łukasz", "Margaret", "Niklaus", "Ólafur", "Radia", "Rózsa",
    "Sophie", "Tim", "Tony", "Yukihiro", "Zoë",
];
const LAST: [&str; 16] = [
    "Adler",
    "Bianchi",
    "Çelik",
    "Duarte",
    "Eriksen",
    "Fournier",
    "García",
    "Hansen",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "O’Brien",
    "Park",
];

/// A number that looks random: splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True in this many of a hundred throws.
    fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// The reports of a class.
pub fn cohort(students: usize) -> Vec<SubmissionReport> {
    let set = LevelSet::embedded().unwrap();
    let levels: Vec<&Level> = set.iter().map(|loaded| &loaded.level).collect();
    (0..students).map(|index| student(index, &levels)).collect()
}

fn student(index: usize, levels: &[&Level]) -> SubmissionReport {
    let mut dice = Dice(index as u64);
    let first = FIRST[index % FIRST.len()];
    // Each pair once, until there are none left.
    let last = LAST[(index + index / FIRST.len()) % LAST.len()];
    let who = Student {
        id: format!("s{:05}", 21_000 + index * 37),
        name: format!("{first} {last}"),
    };
    let submission = format!("submissions/{}", who.id);
    let mut report = match index % 67 {
        41 => not_graded(&submission),
        _ => {
            let reached = 3 + (dice.next() % 12) as usize;
            let skill = 70 + dice.next() % 30;
            let levels = levels.iter().enumerate();
            let levels = levels.map(|(at, one)| {
                // Beyond what a student has come to, little works.
                let passes = if at < reached { skill } else { 12 };
                graded(one, passes, &mut dice)
            });
            super::report(&submission, levels.collect())
        }
    };
    report.student = Some(who);
    report
}

fn graded(of: &Level, passes: u64, dice: &mut Dice) -> LevelResult {
    let no_cgroups = of.level == "level08" && dice.percent(5);
    let mut results: Vec<CheckResult> = Vec::new();
    for check in &of.checks {
        let mut result = passed(&check.id, &check.title, check.points);
        result.hint.clone_from(&check.hint);
        result.link.clone_from(&check.link);
        result.bonus = check.bonus;
        result.duration_ms = 8 + dice.next() % 60;
        result.transcript = transcript(check);
        let broken = |id: &String| {
            let mut earlier = results.iter();
            earlier.any(|other| {
                other.id == *id && matches!(other.status, Status::Fail | Status::Blocked)
            })
        };
        let blocked_by: Vec<String> = check
            .needs
            .iter()
            .filter(|id| broken(id))
            .cloned()
            .collect();
        result = if no_cgroups {
            ended(
                result,
                Status::Ungradable,
                "no hierarchy of control groups can be written to here",
            )
        } else if dice.next().is_multiple_of(4000) {
            ended(
                result,
                Status::Error,
                "failed to read /proc/9660/mountinfo: EIO (os error 5)",
            )
        } else if !blocked_by.is_empty() && dice.percent(85) {
            let mut result = failed(check, result, dice);
            result.status = Status::Blocked;
            result.blocked_by = blocked_by;
            result
        } else if dice.percent(passes) {
            result
        } else {
            failed(check, result, dice)
        };
        results.push(result);
    }
    level(&of.level, &of.title, results)
}

fn failed(check: &Check, result: CheckResult, dice: &mut Dice) -> CheckResult {
    let mut result = ended(
        result,
        Status::Fail,
        "What the kernel saw is not what was asked for",
    );
    let last = check.scenario.len().saturating_sub(1);
    let (expected, actual) = match dice.next() % 3 {
        0 => ("a root that is not the host's", "/"),
        1 => ("bin\nboot\ndev\netc\nusr", "bin\ndev\netc\nsubmission\nusr"),
        _ => ("exit status 0", "exit status 1"),
    };
    let mut found = finding(last, &result.reason, expected, actual);
    found.line = check.scenario[last].line;
    found.hint.clone_from(&check.scenario[last].hint);
    found.evidence = vec!["/proc/9666/root = 0:47:1, the host's".into()];
    result.expected = expected.into();
    result.actual = actual.into();
    result.evidence.clone_from(&found.evidence);
    result.findings = vec![found];
    let paid = check
        .scenario
        .iter()
        .enumerate()
        .filter_map(|(at, step)| Some((at, step.points?)));
    for (at, worth) in paid {
        let points = if at == last || dice.percent(40) {
            0
        } else {
            worth
        };
        result.points += points;
        result.credits.push(Credit {
            step: at,
            what: format!("step {} holds", at + 1),
            points,
            max_points: worth,
        });
    }
    result
}

fn transcript(check: &Check) -> Vec<TranscriptEntry> {
    let steps = check.scenario.iter().enumerate();
    let entries = steps.map(|(at, one)| match &one.action {
        Action::Run(_) | Action::Start(_) => start(),
        Action::Inside(line) => step(
            at,
            Side::Inside,
            line,
            "bin  boot  dev  etc  home  lib  usr\n",
            Some("0"),
        ),
        Action::Outside(line) => step(at, Side::Outside, line, "", Some("2")),
        Action::End(_) => step(
            at,
            Side::Inside,
            "exit 0",
            "9666 exited with status 0\n",
            Some("0"),
        ),
        Action::Observe(_) => step(at, Side::Kernel, "observe", "", None),
    });
    let entries: Vec<TranscriptEntry> = entries.collect();
    entries
}

/// A short recording.
pub fn recording() -> Recording {
    let moment = |at_us, text: &str| Moment {
        at_us,
        text: text.to_owned(),
    };
    Recording {
        columns: 80,
        rows: 24,
        moments: vec![
            moment(
                12_000,
                "\x1b[0;1mhost$ rd.py run -i ubuntu /bin/bash\x1b[0m\r\n",
            ),
            moment(188_250, "Created a new root fs for our container\r\n"),
            moment(201_900, "\x1b[0;1minside# ls /\x1b[0m\r\n"),
            moment(230_100, "bin  boot  \x1b[1;34mdev\x1b[0m  etc\r\n"),
        ],
    }
}
