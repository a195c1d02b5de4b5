//! A level file as Rust types: the vocabulary of DESIGN's table, structs of options throughout.

use crate::limit::Overrides;
use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// One level: a list of checks.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// `level00` … `level10`, or a maintainer's own name.
    pub level: String,
    /// A few words.
    pub title: String,
    /// What the student is after, one sentence.
    pub goal: String,
    /// What the jails of its checks may use, where it is not the usual.
    pub limits: Overrides,
    /// The checks, in the order in which they are shown.
    pub checks: Vec<Check>,
}

/// A check: it earns points.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Unique within its level.
    pub id: String,
    /// What holds when it passes.
    pub title: String,
    /// Points it is worth; the sum of its steps' points where those have any.
    pub points: u32,
    /// Ids of checks (of this level) whose failure explains a failure of this one.
    pub needs: Vec<String>,
    /// What the host must be able to do; else the check is `ungradable`.
    pub requires: Vec<Ability>,
    /// Outside the maximum.
    pub bonus: bool,
    /// What the submission finds as image NAME; `ubuntu: [ubuntu, probe]` lays one over the other.
    pub images: BTreeMap<String, Vec<String>>,
    /// What its jail may use, where it is not what the level's may.
    pub limits: Overrides,
    /// The steps.
    pub scenario: Vec<Step>,
    /// Teaches: what to look at, not the finished line.
    pub hint: String,
    /// What to read.
    pub link: String,
}

/// What a host may or may not be able to do, probed before a submission runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ability {
    /// `overlay`: overlay mounts in a user namespace.
    Overlay,
    /// `cpu-cgroup`: a delegated cpu controller.
    CpuCgroup,
    /// `memory-cgroup`: a delegated memory controller.
    MemoryCgroup,
    /// `swap-accounting`: limits on memory and swap together.
    SwapAccounting,
    /// `many-ids`: more than one user id can be mapped.
    ManyIds,
    /// `device-nodes`: device nodes can be made for the submission.
    DeviceNodes,
}

/// What a step does. The variants carry what was typed; `{nonce}` and captures are not yet filled in.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Run the submission with this command to its end.
    Run(Vec<String>),
    /// Run the submission with this command and keep its shell open.
    Start(Vec<String>),
    /// Type a command in the session.
    Inside(String),
    /// Run a command on the jail's host.
    Outside(String),
    /// Look at a subject from the kernel's side.
    Observe(Subject),
    /// End the session with `exit STATUS`, and wait for the submission to end.
    End(u8),
}

pub use crate::fact::Subject;

/// One step of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// `as NAME`: names the session (of a `start`) or the observation (of an `observe`).
    pub name: Option<String>,
    /// `in NAME`: which session an `inside` or `end` speaks to; the last started one if absent.
    pub session: Option<String>,
    /// Options for the submission, spelled by the manifest: `memory: 64m`.
    pub options: BTreeMap<String, String>,
    /// As the check's, from this step on.
    pub images: BTreeMap<String, Vec<String>>,
    /// A deadline of its own, in milliseconds.
    pub within_ms: Option<u64>,
    /// Points for this step; the check's points are the sum of them.
    pub points: Option<u32>,
    /// A hint for this step; else the check's.
    pub hint: Option<String>,
    /// What must hold.
    pub expect: Expect,
    /// Line of the step in its file, 1-based; 0 when unknown.
    pub line: usize,
}

/// What must hold after a step. Everything is evaluated and reported.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expect {
    /// How the command ended.
    pub exit: Option<ExitExpectation>,
    /// Inline snapshot of the redacted output.
    pub snapshot: Option<String>,
    /// The output's words, as a table of one column.
    pub words: Option<TableRelation>,
    /// The output's lines, as a table of one column.
    pub lines: Option<TableRelation>,
    /// Facts with one value: `root`, `cwd`, `root-device`, `pid`, `id`, `hostname`, `digest`, `tree`.
    pub values: BTreeMap<FactName, Relation>,
    /// Facts with named fields: `namespaces`, `ids`, `cpu-group`, `memory-group`, `overlay`, `breakout`.
    pub records: BTreeMap<FactName, BTreeMap<String, Field>>,
    /// Facts that are tables: `mounts`, `namespace-mounts`, `files`, `processes`, `orphans`, `links`, `execs`.
    pub tables: BTreeMap<FactName, TableRelation>,
}

pub use crate::fact::FactName;

/// `exit: 0`, `exit: nonzero`, `exit: SIGKILL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitExpectation {
    /// This exit status.
    Code(u8),
    /// Any but 0.
    Nonzero,
    /// Ended by this signal (`SIGKILL` …), or reported so by a shell (128 + n).
    Signal(String),
}

/// A field of a record: one value, or a table (`groups: {only: []}`).
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// One value.
    Value(Relation),
    /// A list.
    Table(TableRelation),
}

/// What one value must be. Several relations must all hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Relation {
    /// Equal to this text (a pattern: wildcards and captures allowed) or number; a bare value means this.
    pub is: Option<Scalar>,
    /// Not equal to it.
    pub is_not: Option<Scalar>,
    /// The same as another fact.
    pub same_as: Option<Reference>,
    /// Not the same as another fact.
    pub differs_from: Option<Reference>,
    /// A directory at or below another, or a path below a given one.
    pub below: Option<Reference>,
    /// A number not smaller than this.
    pub at_least: Option<u64>,
}

/// A plain value in a level file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Text, which may hold `{nonce}`, wildcards and captures.
    Text(String),
    /// A number; for a memory fact a size such as `64m` arrives as text and is compared in bytes.
    Number(u64),
    /// A list, compared whole (`argv: [/bin/echo, hello]`).
    List(Vec<String>),
}

/// `SUBJECT[.fact[.field]]`, `before`, an earlier `as`, or literal text such as `"[CONTAINERS]"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The same subject's same fact before the scenario.
    Before,
    /// A subject's fact, as it was when the step was judged. No fact means the one being compared.
    Of {
        /// Whose.
        subject: Subject,
        /// Which; the one under comparison if absent.
        fact: Option<FactName>,
        /// Which field of it.
        field: Option<String>,
    },
    /// What an earlier `observe … as NAME` saw, or the container of the session NAME.
    Named {
        /// The name given with `as`.
        name: String,
        /// Which fact; the one under comparison if absent.
        fact: Option<FactName>,
        /// Which field of it.
        field: Option<String>,
    },
    /// A fact of the same subject in the same observation: `cwd: {below: root}`.
    Own(FactName),
    /// A text, with captures filled in: `{below: "[CONTAINERS]"}`.
    Text(String),
}

/// What a table must hold. Several relations must all hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableRelation {
    /// Each of these is matched by some row.
    pub has: Option<Rows>,
    /// None of these is matched by any row.
    pub lacks: Option<Rows>,
    /// Every row is matched by one of these.
    pub only: Option<Rows>,
    /// The same rows as another table, order aside.
    pub same_as: Option<Reference>,
    /// Not the same rows as another table.
    pub differs_from: Option<Reference>,
    /// Rows left out of a comparison, on both sides.
    pub except: Vec<RowPattern>,
}

/// Rows in a level file, or another fact's.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Written out.
    Listed(Vec<RowPattern>),
    /// Taken from a fact: `image.top`, `outside.mounts`.
    Of(Reference),
}

/// What a row must look like; fields not named do not matter. For one-column tables (`words`, `lines`, `groups`)
/// the only field is `""`.
pub type RowPattern = BTreeMap<String, Relation>;
