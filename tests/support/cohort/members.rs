//! Who is in the class: what each has handed in.

use super::{Definition, FIXTURES};
use rdgrade::fixture::Faults;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// One submission.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    /// Its place in the class: every other right program is a shell's, where the fixtures have one.
    place: usize,
}

/// What is special about it. Levels are indices of those the class has.
#[derive(Debug, Clone)]
pub enum Kind {
    Solved,
    /// At this level it has the solution of the one before.
    Partial {
        level: usize,
    },
    Faulty {
        level: usize,
        fault: usize,
    },
    Forging {
        level: usize,
        forger: usize,
    },
    Mischief {
        level: usize,
        which: usize,
    },
    Trouble {
        level: usize,
        which: usize,
    },
    Hanging {
        level: usize,
    },
    /// It cannot be graded at all.
    Broken(Broken),
}

#[derive(Debug, Clone, Copy)]
pub enum Broken {
    Missing,
    Empty,
    Manifest,
    TooLarge,
}

pub fn faults(level: &str) -> Faults {
    Faults::load(&Path::new(FIXTURES).join(level).join("faults.yaml")).unwrap()
}

/// `size` of the whole class of 200, kinds mixed: the same ones whenever it is made.
pub fn all(definition: &Definition, levels: &[&str], size: usize) -> Vec<Member> {
    const CLASS: usize = 200;
    // Has no factor in common with 200, so that it meets everyone once.
    const STRIDE: usize = 67;
    let files: Vec<Faults> = levels.iter().map(|level| faults(level)).collect();
    let every = |count: fn(&Faults) -> usize| -> Vec<(usize, usize)> {
        let longest = files.iter().map(count).max().unwrap_or(0);
        (0..longest)
            .flat_map(|which| (0..files.len()).map(move |level| (level, which)))
            .filter(|(level, which)| *which < count(&files[*level]))
            .collect()
    };
    let (faults, forgers) = (
        every(|file| file.faults.len()),
        every(|file| file.forgers.len()),
    );
    let mut kinds = Vec::new();
    let count = |kind: &str| definition.counts[kind];
    kinds.extend((0..count("solved")).map(|_| Kind::Solved));
    kinds.extend((0..count("partial")).map(|n| Kind::Partial {
        level: n % levels.len(),
    }));
    kinds.extend((0..count("forging")).map(|n| {
        let (level, forger) = forgers[n % forgers.len()];
        Kind::Forging { level, forger }
    }));
    kinds.extend((0..count("mischief")).map(|n| Kind::Mischief {
        level: n / definition.mischief.len() % levels.len(),
        which: n % definition.mischief.len(),
    }));
    kinds.extend((0..count("trouble")).map(|n| Kind::Trouble {
        level: n / definition.trouble.len() % levels.len(),
        which: n % definition.trouble.len(),
    }));
    kinds.extend((0..count("hanging")).map(|n| Kind::Hanging {
        level: n % levels.len(),
    }));
    let broken = [
        Broken::Missing,
        Broken::Empty,
        Broken::Manifest,
        Broken::TooLarge,
    ];
    kinds.extend((0..count("broken")).map(|n| Kind::Broken(broken[n % broken.len()])));
    let rest = CLASS - kinds.len();
    kinds.extend((0..rest).map(|n| {
        let (level, fault) = faults[n % faults.len()];
        Kind::Faulty { level, fault }
    }));
    (0..size)
        .map(|index| {
            let kind = kinds[index * STRIDE % CLASS].clone();
            Member {
                id: format!("s{:03}-{}", index + 1, kind.word()),
                name: definition.names[index % definition.names.len()].clone(),
                kind,
                place: index,
            }
        })
        .collect()
}

impl Kind {
    fn word(&self) -> &'static str {
        match self {
            Kind::Solved => "solved",
            Kind::Partial { .. } => "partial",
            Kind::Faulty { .. } => "faulty",
            Kind::Forging { .. } => "forging",
            Kind::Mischief { .. } => "mischief",
            Kind::Trouble { .. } => "trouble",
            Kind::Hanging { .. } => "hanging",
            Kind::Broken(_) => "broken",
        }
    }
}

impl Member {
    /// Writes the submission down in `folder`.
    pub fn lay_out(&self, definition: &Definition, levels: &[&str], folder: &Path) {
        match &self.kind {
            Kind::Broken(Broken::Missing) => return,
            Kind::Broken(Broken::Empty) => return fs::create_dir(folder).unwrap(),
            Kind::Broken(Broken::Manifest) => {
                fs::create_dir(folder).unwrap();
                return fs::write(folder.join("rdgrade.yaml"), "run: rd.py\nrnu: [x]\n").unwrap();
            }
            _ => {}
        }
        for (index, level) in levels.iter().enumerate() {
            let at = folder.join(format!("levels/{}_workshop", &level["level".len()..]));
            fs::create_dir_all(&at).unwrap();
            let (name, text) = self.program(definition, level, index);
            let path = at.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        match &self.kind {
            Kind::Mischief { which, .. } => {
                if let Some(link) = &definition.mischief[*which].link {
                    symlink(&link.target, folder.join(&link.name)).unwrap();
                }
            }
            Kind::Broken(Broken::TooLarge) => {
                let sparse = fs::File::create(folder.join("video.mp4")).unwrap();
                sparse.set_len(1 << 30).unwrap();
            }
            _ => {}
        }
    }

    /// The program for a level: what it is called, and its text.
    fn program(
        &self,
        definition: &Definition,
        level: &str,
        index: usize,
    ) -> (&'static str, String) {
        let solved = |level: &str| (rd("solved.py"), read(level, "solved.py"));
        match &self.kind {
            Kind::Partial { level: at } if *at == index => {
                solved(&definition.partial[level].solution)
            }
            Kind::Faulty { level: at, fault } if *at == index => {
                let fault = &faults(level).faults[*fault];
                let text = fault.apply(&read(level, &fault.program)).unwrap();
                (rd(&fault.program), text)
            }
            Kind::Forging { level: at, forger } if *at == index => {
                let program = &faults(level).forgers[*forger].program;
                (rd(program), read(level, program))
            }
            Kind::Mischief { level: at, which } if *at == index => {
                let (name, text) = solved(level);
                let (first, rest) = text.split_once('\n').unwrap();
                (
                    name,
                    format!("{first}\n{}{rest}", definition.mischief[*which].prelude),
                )
            }
            Kind::Trouble { level: at, which } if *at == index => {
                ("rd", definition.trouble[*which].program.clone())
            }
            Kind::Hanging { level: at } if *at == index => ("rd", definition.hangs.clone()),
            _ if self.place % 2 == 1 && fixture(level, "solved.sh").exists() => {
                (rd("solved.sh"), read(level, "solved.sh"))
            }
            _ => solved(level),
        }
    }
}

fn fixture(level: &str, program: &str) -> PathBuf {
    Path::new(FIXTURES).join(level).join(program)
}

/// What a program is called in the workshop's layout.
fn rd(program: &str) -> &'static str {
    match program.ends_with(".py") {
        true => "rd.py",
        false => "rd",
    }
}

fn read(level: &str, program: &str) -> String {
    fs::read_to_string(fixture(level, program)).unwrap()
}
