//! Playing a check: its steps are carried out in a jail, and what happened is handed to the judge.

pub(crate) mod awaited;
pub(crate) mod capture;
mod hinge;
mod memory;
mod meter;
pub mod observe;
mod performance;
mod player;
pub mod procfs;
mod program;
mod rest;
mod running;
mod scene;
pub(crate) mod session;
mod shell;
mod supervisor;
mod timings;

pub use meter::cores;
pub use performance::Performance;
pub use scene::{Scene, SceneError, Waited};

use crate::jail::{CONTAINERS, Ground, IMAGES, Images, Jail, Network, Streams};
use crate::phase::Phase;
use crate::recording::{Record, Tape};
use crate::submission::Submission;
use checks::judge::{Bindings, Judge};
use checks::level::Check;
use checks::limit::Limits;
use checks::played::Trouble;
use nix::unistd::Pid;
use observe::{ImageView, image};
use player::{Player, empty};
use program::{adopt, program};
pub use rest::Activity;
use rest::Rest;
pub use session::Said;
use session::{Marker, Patience};
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};
pub use timings::Timings;
use timings::{Clock, Spent};

/// The image the workshop's commands name.
pub const IMAGE: &str = "ubuntu";

/// An image directory as a jail shows it.
#[derive(Debug, Clone)]
pub struct ShownImages {
    /// Which images it holds, as level files have it.
    pub key: BTreeMap<String, Vec<String>>,
    /// File names in it.
    pub files: Vec<String>,
    /// What is known of [`IMAGE`].
    pub view: ImageView,
}

/// What checks are played with.
pub struct Stage<'a> {
    /// The prepared ground.
    pub ground: &'a Ground,
    /// What is graded.
    pub submission: &'a Submission,
    /// The image directories, in the order given to [`Ground::prepare`].
    pub images: &'a [ShownImages],
    /// Readable when rdgrade's main process wants this to stop.
    pub lease: BorrowedFd<'a>,
    /// Longest time a step may take, unless it says otherwise.
    pub timeout: Duration,
    /// Whether recordings are made.
    pub record: Record,
    /// Called when what a check does changes. It begins astir.
    pub activity: &'a dyn Fn(Activity),
}

/// Which check, and what is new in this run.
pub struct Part<'a> {
    /// The check.
    pub check: &'a Check,
    /// Name of its level file, for messages.
    pub file: &'a str,
    /// A word that no submission can know beforehand.
    pub nonce: String,
    /// What its jail may use.
    pub limits: Limits,
}

/// A check whose jail stands, or could not be made: it can be played at once when its turn comes.
pub struct Ready<'a> {
    stage: &'a Stage<'a>,
    part: Part<'a>,
    jail: Result<(Jail, ImageView), SceneError>,
    clock: Clock,
}

/// What is left of a check that was played: its jail, and all that runs in it.
#[must_use]
pub struct Remains<'a> {
    scene: Option<Scene<'a>>,
    clock: Clock,
}

impl<'a> Ready<'a> {
    /// Builds the jail for a check.
    pub fn new(stage: &'a Stage<'a>, part: Part<'a>) -> Self {
        let mut clock = Clock::start();
        Phase::Create.enter();
        let jail = build(stage, &part);
        clock.lap(Spent::Jail);
        Ready {
            stage,
            part,
            jail,
            clock,
        }
    }

    /// The first process of the jail, if there is one.
    pub fn init(&self) -> Option<Pid> {
        self.jail.as_ref().ok().map(|(jail, _)| jail.init)
    }

    /// Plays the check and judges it. The verdict is settled then; ending the jail is what remains.
    ///
    /// # Errors
    /// Only [`SceneError::Interrupted`] and [`SceneError::Unfit`]; whatever else goes wrong is in the result.
    pub fn play(self) -> Result<(Performance, Remains<'a>), SceneError> {
        let Ready {
            stage,
            part,
            jail,
            mut clock,
        } = self;
        clock.go_on();
        let began = Instant::now();
        let mut judge = Judge::new(part.check, bindings(&part));
        let mut scene = None;
        let performed = jail.and_then(|(jail, view)| {
            let (done, left) = perform(stage, &part, jail, view, &mut judge, &mut clock);
            scene = Some(left);
            done
        });
        match performed {
            Ok(()) => {}
            Err(error @ (SceneError::Interrupted | SceneError::Unfit(_))) => return Err(error),
            Err(error) => give_up(part.check, &mut judge, &error),
        }
        let mut result = judge.finish();
        clock.lap(Spent::Judging);
        result.duration_ms = (clock.timings.jail + began.elapsed()).as_millis() as u64;
        let tape = scene.as_mut().and_then(|scene| scene.tape.take());
        let recording = tape.map(Tape::finish);
        Ok((Performance { result, recording }, Remains { scene, clock }))
    }
}

impl Remains<'_> {
    /// Ends the jail and everything in it.
    pub fn tear_down(mut self) -> Timings {
        Phase::TearDown.enter();
        self.clock.go_on();
        drop(self.scene.take());
        self.clock.lap(Spent::Teardown);
        self.clock.timings
    }
}

/// What `{canary}` stands for in a run with this nonce.
fn canary(nonce: &str) -> String {
    format!("canary-{nonce}")
}

/// What a level file's words and captures stand for before a check is played: `{nonce}`, `{canary}`, `[CONTAINERS]`,
/// `[IMAGES]`.
pub fn bindings(part: &Part) -> Bindings {
    let words = [
        ("nonce", part.nonce.clone()),
        ("canary", canary(&part.nonce)),
    ];
    let captures = [("CONTAINERS", CONTAINERS), ("IMAGES", IMAGES)];
    Bindings {
        words: words.map(|(name, value)| (name.to_owned(), value)).into(),
        captures: captures
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        file: part.file.to_owned(),
    }
}

/// Tells the judge that nothing could be played.
fn give_up(check: &Check, judge: &mut Judge, error: &SceneError) {
    for index in 0..check.scenario.len() {
        judge.record(
            index,
            empty(String::new(), Trouble::Ours(error.to_string())),
        );
    }
}

fn build(stage: &Stage, part: &Part) -> Result<(Jail, ImageView), SceneError> {
    let (index, shown) = images_of(stage, &crate::grade::mapping(part.check))?;
    let images = Images {
        index,
        files: &shown.files,
    };
    let network = match Judge::looks_at_network(part.check) {
        true => Network::Own,
        false => Network::Shared,
    };
    let jail = Jail::create_in(stage.ground, &images, &part.limits, network)?;
    let jail = fit(jail)?;
    let mut view = shown.view.clone();
    view.seal = image::seal(&jail.root, &view.name).ok();
    Ok((jail, view))
}

fn perform<'a>(
    stage: &'a Stage<'a>,
    part: &Part,
    jail: Jail,
    image: ImageView,
    judge: &mut Judge,
    clock: &mut Clock,
) -> (Result<(), SceneError>, Scene<'a>) {
    let mut player = Player {
        stage,
        scene: Scene::new(jail, stage.lease),
        marker: Marker::new(part.nonce.clone()),
        canary: canary(&part.nonce),
        sessions: BTreeMap::new(),
        current: None,
        stuck: BTreeSet::new(),
        exhausted: None,
        gone: false,
        touched: BTreeSet::new(),
        born: BTreeMap::new(),
        image,
    };
    player.scene.rest = Rest::new(stage.activity);
    if stage.record == Record::On {
        player.scene.tape = Some(Tape::new(&part.nonce));
    }
    let done = steps(&mut player, part, judge, clock);
    (done, player.scene)
}

fn steps(
    player: &mut Player,
    part: &Part,
    judge: &mut Judge,
    clock: &mut Clock,
) -> Result<(), SceneError> {
    player.scene.wanted = judge.of_containers();
    let before = player.view().take(judge.before());
    clock.lap(Spent::Observation);
    judge.record_before(before);
    let last = part.check.scenario.len().saturating_sub(1);
    for (index, step) in part.check.scenario.iter().enumerate() {
        let began = Instant::now();
        clock.lap(Spent::Judging);
        Phase::Play.enter();
        let limits = if index == last {
            meter::Look::Closely
        } else {
            meter::Look::Briefly
        };
        let mut played = player.play(step, judge.order(index), limits)?;
        clock.lap(Spent::Submission);
        if index == last {
            (player.stage.activity)(Activity::Over);
        }
        Phase::Observe.enter();
        if !player.gone {
            played.facts = player.view().take(judge.wanted(index));
        }
        clock.lap(Spent::Observation);
        played.duration_ms = began.elapsed().as_millis() as u64;
        judge.record_suspecting(index, played, &mut |played| player.suspect(played));
    }
    Ok(())
}

/// The jail, if it is what is promised.
fn fit(mut jail: Jail) -> Result<Jail, SceneError> {
    match std::mem::take(&mut jail.unmet) {
        unmet if unmet.is_empty() => Ok(jail),
        unmet => Err(SceneError::Unfit(unmet)),
    }
}

fn images_of<'a>(
    stage: &'a Stage,
    wanted: &BTreeMap<String, Vec<String>>,
) -> Result<(usize, &'a ShownImages), SceneError> {
    let found = stage
        .images
        .iter()
        .enumerate()
        .find(|(_, shown)| shown.key == *wanted);
    found.ok_or_else(|| {
        SceneError::Jail(crate::jail::JailError {
            doing: "find the images of a check".to_owned(),
            cause: format!("{wanted:?} were not prepared"),
            remedy: "this is rdgrade's failure, not the submission's".to_owned(),
        })
    })
}

/// Runs one program of the submission's in a jail of its own, to its end: a build.
///
/// # Errors
/// When the jail fails, or rdgrade is interrupted.
pub fn run_alone(
    jail: Jail,
    lease: BorrowedFd,
    argv: &[String],
    environment: &[(String, String)],
    limit: Duration,
) -> Result<Said, SceneError> {
    let mut scene = Scene::new(fit(jail)?, lease);
    let mut program = program(argv.to_vec(), Streams::Pipe, "/submission");
    adopt(&mut program, environment);
    let (_, mut said) = session::run(&mut scene, program, &[], Patience { limit })?;
    let (exit, trouble) = (said.exit, said.trouble.as_ref());
    if let Some(exceeded) = meter::after_step(&mut scene, exit, trouble, meter::Look::Closely) {
        said.trouble = Some(Trouble::Limit(exceeded));
    }
    Ok(said)
}
