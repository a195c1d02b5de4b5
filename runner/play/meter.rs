//! The meter of a jail: how much of its limits has been used. It reads; `checks::limit` decides.
//!
//! Nothing is polled. What the kernel counts or keeps (refusals of groups, full file systems) is read when a step has ended; what
//! takes longer to find is looked for when the check has ended, and before that when a step did not end well or did not show what
//! was expected: the limit may be why. What nobody stops at its limit (time, and memory and processes where there are no groups) is
//! read at the soonest moment at which it can be reached.

mod files;
mod processes;
mod tmpfs;

use super::scene::Scene;
use crate::jail::Mechanism;
use checks::limit::{Exceeded, Limit, Limits, Reading, Used, exceeded};
use checks::played::{Exit, Trouble};
use processes::Processes;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
pub use tmpfs::Tmpfs;

/// The shortest time between two readings, which near its end a limit would bring to nothing.
const SHORTEST: Duration = Duration::from_millis(10);

/// The same where every process has to be looked at.
const SHORTEST_WITHOUT_GROUPS: Duration = Duration::from_millis(50);

/// Bytes a core can touch in a millisecond, at the most: memory that is new to a process has to be zeroed.
const BYTES_PER_MS: u64 = 4 << 20;

/// How closely to look when a step has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing hints at a limit: only at what the kernel counts, and what is due.
    Briefly,
    /// At everything.
    Closely,
}

/// How many cores a submission could keep busy, as far as the first who asks may use them. Asked for once: the answer is in half
/// a dozen files, and whoever is kept on one core knows of no other.
pub fn cores() -> u32 {
    static CORES: OnceLock<u32> = OnceLock::new();
    *CORES.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        u32::try_from(cores).unwrap_or(u32::MAX)
    })
}

/// What was used, and when to look next.
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    printed: u64,
    next: Instant,
    cores: u32,
}

impl Meter {
    /// Begins to count.
    pub fn new(limits: &Limits, has_memory_group: bool) -> Self {
        let now = Instant::now();
        let mut meter = Meter {
            began: now,
            printed: 0,
            next: now,
            cores: cores(),
        };
        let memory = (!has_memory_group).then_some(0);
        meter.arm(limits, Duration::ZERO, memory);
        meter
    }

    /// Counts output.
    pub fn printed(&mut self, limits: &Limits, bytes: usize) {
        self.printed += bytes as u64;
        if self.printed >= limits.get(Limit::Output) {
            self.next = Instant::now();
        }
    }

    /// When [`on_the_way`] has something to say, at the soonest.
    pub fn next(&self) -> Instant {
        self.next
    }

    fn arm(&mut self, limits: &Limits, cpu: Duration, memory: Option<u64>) {
        let milliseconds = |limit| Duration::from_millis(limits.get(limit));
        let end = self.began + milliseconds(Limit::WallTime);
        let cpu = milliseconds(Limit::CpuTime).saturating_sub(cpu) / self.cores;
        let mut soonest = cpu.max(SHORTEST);
        if let Some(used) = memory {
            let left = limits.get(Limit::Memory).saturating_sub(used);
            let full = Duration::from_millis(left / BYTES_PER_MS / u64::from(self.cores));
            soonest = soonest.min(full).max(SHORTEST_WITHOUT_GROUPS);
        }
        self.next = end.min(Instant::now() + soonest);
    }

    fn own(&self) -> [Reading; 2] {
        let wall = self.began.elapsed();
        [
            Reading {
                limit: Limit::WallTime,
                used: Used::Amount(wall.as_millis() as u64),
                evidence: vec![format!("{} ms since the check began", wall.as_millis())],
            },
            Reading {
                limit: Limit::Output,
                used: Used::Amount(self.printed),
                evidence: vec![format!("{} bytes printed", self.printed)],
            },
        ]
    }
}

/// The limit that has been exceeded meanwhile, if any; sets the time of the next reading.
pub fn on_the_way(scene: &mut Scene) -> Option<Exceeded> {
    let limits = scene.jail.limits;
    let groups = scene.jail.groups.as_ref().ok();
    let mut readings = scene.meter.own().to_vec();
    let counted = groups.and_then(|groups| groups.cpu_time());
    let has_memory_group = groups.is_some_and(|groups| groups.limit("memory"));
    let processes = (counted.is_none() || !has_memory_group).then(|| Processes::of(&scene.jail));
    let (cpu, said) = match (counted, &processes) {
        (Some(counted), _) => counted,
        (None, Some(processes)) => (processes.cpu, processes.cpu_evidence()),
        (None, None) => (Duration::ZERO, String::new()),
    };
    if Mechanism::CpuTimeLimit.is_on() {
        readings.push(Reading {
            limit: Limit::CpuTime,
            used: Used::Amount(cpu.as_millis() as u64),
            evidence: vec![said],
        });
    }
    let mut memory = None;
    if let Some(processes) = processes.filter(|_| !has_memory_group) {
        let files = files::used(&scene.jail);
        memory = Some(processes.memory + files);
        readings.push(processes.memory_with(files));
        readings.push(processes.count());
    }
    scene.meter.arm(&limits, cpu, memory);
    exceeded(&limits, &readings, None)
}

/// The limit that was exceeded in a step which has ended like this, if any.
pub fn after_step(
    scene: &mut Scene,
    exit: Option<Exit>,
    trouble: Option<&Trouble>,
    look: Look,
) -> Option<Exceeded> {
    if let Some(known) = &scene.exceeded {
        return Some(known.clone());
    }
    let ended_well = trouble.is_none() && exit.is_none_or(|exit| exit == Exit::Code(0));
    let closely = look == Look::Closely || !ended_well;
    if (closely || Instant::now() >= scene.meter.next())
        && let Some(known) = on_the_way(scene)
    {
        return Some(known);
    }
    let limits = scene.jail.limits;
    let mut readings = match &scene.jail.groups {
        Ok(groups) => groups.refusals(limits.get(Limit::Memory)),
        Err(_) => Vec::new(),
    };
    readings.extend(files::own_readings(&scene.jail));
    // Which of them there are is known, so nobody need search the mount tables to find that none is full.
    if scene.tmpfs.may_be_full() {
        readings.extend(files::mounted_readings(scene));
    }
    // Who was refused a process or a file and did not mind was not hindered.
    if !ended_well {
        let processes = Processes::of(&scene.jail);
        readings.extend(processes.most_files());
        if !scene
            .jail
            .groups
            .as_ref()
            .is_ok_and(|groups| groups.limit("pids"))
        {
            readings.push(processes.count());
        }
    }
    exceeded(&limits, &readings, exit)
}
