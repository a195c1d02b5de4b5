//! The player: carries out one step after another, and remembers what is going on.

use super::meter::{self, Look};
use super::observe::{self, ImageView, View};
use super::program::of_shell;
use super::running::Running;
use super::scene::{Scene, SceneError};
use super::session::{self, Marker, Patience, Said};
use super::{IMAGE, Stage, adopt, program};
use crate::jail::{CONTAINERS, IMAGES, Streams};
use crate::submission::Invocation;
use checks::judge::Order;
use checks::level::Step;
use checks::played::{Output, Played, Side, Trouble};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Why steps that follow a deadline are not played.
const EXHAUSTED: &str = "an earlier step of this check waited until its deadline";

/// Why steps that follow an exceeded limit are not played.
const LIMITED: &str = "an earlier step of this check exceeded a limit of the jail";

pub(super) struct Player<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) scene: Scene<'a>,
    pub(super) marker: Marker,
    pub(super) canary: String,
    pub(super) sessions: BTreeMap<String, usize>,
    pub(super) current: Option<usize>,
    /// Sessions that no longer answer.
    pub(super) stuck: BTreeSet<usize>,
    /// Why nothing more is played. A check has one deadline to lose, or a program that hangs would cost as many as the check
    /// has steps; and what follows an exceeded limit shows nothing but that.
    pub(super) exhausted: Option<&'static str>,
    /// Whether the jail has ended before its time: killed, down to its init, for a limit.
    pub(super) gone: bool,
    /// Sessions during which something was done outside, since when they may have been ended from there.
    pub(super) touched: BTreeSet<usize>,
    pub(super) born: BTreeMap<usize, BTreeSet<String>>,
    pub(super) image: ImageView,
}

impl Player<'_> {
    pub(super) fn view(&self) -> View<'_> {
        View {
            scene: &self.scene,
            sessions: &self.sessions,
            current: self.current,
            born: &self.born,
            image: &self.image,
            canary: &self.canary,
        }
    }

    /// Plays a step, and tells the limit that was exceeded in it, which may be the cause of whatever else went wrong.
    pub(super) fn play(
        &mut self,
        step: &Step,
        order: Order,
        limits: Look,
    ) -> Result<Played, SceneError> {
        let mut played = match self.step(step, order) {
            Ok(played) => played,
            Err(SceneError::Interrupted) => return Err(SceneError::Interrupted),
            // Where nothing can be started any more, or init itself was killed, it may have been for a limit.
            Err(error) => {
                let trouble = Trouble::Ours(error.to_string());
                let Some(exceeded) =
                    meter::after_step(&mut self.scene, None, Some(&trouble), Look::Closely)
                else {
                    return Err(error);
                };
                self.scene.exceeded = Some(exceeded);
                self.gone = matches!(error, SceneError::JailGone);
                empty(String::new(), trouble)
            }
        };
        if self.exhausted.is_some() {
            return Ok(played);
        }
        let (exit, trouble) = (played.exit, played.trouble.as_ref());
        if let Some(exceeded) = meter::after_step(&mut self.scene, exit, trouble, limits) {
            played.trouble = Some(Trouble::Limit(exceeded));
        }
        self.exhausted = match played.trouble {
            Some(Trouble::Deadline { .. }) => Some(EXHAUSTED),
            Some(Trouble::Limit(_)) => Some(LIMITED),
            _ => None,
        };
        Ok(played)
    }

    /// The limit that was exceeded in a step whose expectations do not hold, which may be why.
    pub(super) fn suspect(&mut self, played: &Played) -> Option<Trouble> {
        if self.exhausted.is_some() {
            return None;
        }
        let exceeded = meter::after_step(&mut self.scene, played.exit, None, Look::Closely)?;
        self.exhausted = Some(LIMITED);
        Some(Trouble::Limit(exceeded))
    }

    fn step(&mut self, step: &Step, order: Order) -> Result<Played, SceneError> {
        let patience = Patience {
            limit: step
                .within_ms
                .map_or(self.stage.timeout, Duration::from_millis),
        };
        match order {
            Order::Run(command) => self.submit(step, &command, patience, Keep::No),
            Order::Start(command) => self.submit(step, &command, patience, Keep::Open),
            Order::Inside(command) => self.in_session(step, command.clone(), |player, index| {
                session::inside(
                    &mut player.scene,
                    index,
                    &command,
                    &mut player.marker,
                    patience,
                )
            }),
            Order::End(status) => {
                let end = |player: &mut Self, index: usize| {
                    session::end(&mut player.scene, index, status, patience)
                };
                self.choose_session(step);
                match self
                    .current
                    .filter(|index| self.touched.contains(index) && !self.stuck.contains(index))
                {
                    // Its shell may have been killed by what was done outside: what its program says of that is the answer.
                    Some(index) => {
                        self.scene
                            .show_typed(Side::Inside, &format!("exit {status}"));
                        end(self, index).map(|said| played(format!("exit {status}"), said))
                    }
                    None => self.in_session(step, format!("exit {status}"), end),
                }
            }
            Order::Outside(command) => {
                if self.exhausted == Some(LIMITED) {
                    return Ok(empty(command, Trouble::NotPlayed(LIMITED.to_owned())));
                }
                self.scene.show_typed(Side::Outside, &command);
                let program = of_shell(&command);
                let open = |(_, program): &(usize, &Running)| program.exit.is_none();
                let running = self
                    .scene
                    .programs
                    .iter()
                    .enumerate()
                    .filter(open)
                    .map(|(index, _)| index);
                self.touched.extend(running.collect::<Vec<_>>());
                let (_, said) = session::run(&mut self.scene, program, &[], patience)?;
                Ok(played(command, said))
            }
            Order::Observe => {
                self.choose_session(step);
                Ok(Played {
                    input: String::new(),
                    output: Output::default(),
                    exit: None,
                    trouble: None,
                    facts: Vec::new(),
                    duration_ms: 0,
                })
            }
        }
    }

    /// Runs the submission: to its end, or until its shell answers.
    fn submit(
        &mut self,
        step: &Step,
        command: &[String],
        patience: Patience,
        keep: Keep,
    ) -> Result<Played, SceneError> {
        let invocation = Invocation {
            image: IMAGE,
            images: IMAGES,
            containers: CONTAINERS,
            options: &step.options,
            command,
        };
        let submission = self.stage.submission;
        if let Some(why) = self.exhausted {
            // What follows must not be judged by an earlier container.
            self.current = None;
            return Ok(empty(
                submission.typed(&invocation),
                Trouble::NotPlayed(why.to_owned()),
            ));
        }
        let before = observe::containers(&self.scene).unwrap_or_default();
        let streams = match keep {
            Keep::No => Streams::Screen,
            Keep::Open => Streams::Terminal,
        };
        self.scene
            .show_typed(Side::Submission, &submission.typed(&invocation));
        let mut program = program(submission.command_line(&invocation), streams, "/submission");
        adopt(&mut program, &submission.environment);
        let (index, said) = match keep {
            Keep::No => session::run(&mut self.scene, program, command, patience)?,
            Keep::Open => session::start(
                &mut self.scene,
                program,
                command,
                &mut self.marker,
                patience,
            )?,
        };
        let after = observe::containers(&self.scene).unwrap_or_default();
        self.born
            .insert(index, after.difference(&before).cloned().collect());
        self.current = Some(index);
        if let Some(name) = &step.name {
            self.sessions.insert(name.clone(), index);
        }
        if said.trouble.is_some() {
            self.stuck.insert(index);
        }
        Ok(played(submission.typed(&invocation), said))
    }

    fn in_session(
        &mut self,
        step: &Step,
        input: String,
        speak: impl FnOnce(&mut Self, usize) -> Result<Said, SceneError>,
    ) -> Result<Played, SceneError> {
        self.choose_session(step);
        if let Some(why) = self.exhausted {
            return Ok(empty(input, Trouble::NotPlayed(why.to_owned())));
        }
        let open = self.current.filter(|index| {
            !self.stuck.contains(index) && self.scene.programs[*index].exit.is_none()
        });
        let Some(index) = open else {
            return Ok(empty(
                input,
                Trouble::NotPlayed("there was no shell to type this into".to_owned()),
            ));
        };
        self.scene.show_typed(Side::Inside, &input);
        let said = speak(self, index)?;
        if said.trouble.is_some() {
            self.stuck.insert(index);
        }
        Ok(played(input, said))
    }

    fn choose_session(&mut self, step: &Step) {
        if let Some(index) = step
            .session
            .as_ref()
            .and_then(|name| self.sessions.get(name))
        {
            self.current = Some(*index);
        }
    }
}

/// Whether the submission's shell is kept open.
#[derive(Clone, Copy)]
enum Keep {
    No,
    Open,
}

fn played(input: String, said: Said) -> Played {
    Played {
        input,
        output: said.output,
        exit: said.exit,
        trouble: said.trouble,
        facts: Vec::new(),
        duration_ms: 0,
    }
}

pub(super) fn empty(input: String, trouble: Trouble) -> Played {
    Played {
        input,
        output: Output::default(),
        exit: None,
        trouble: Some(trouble),
        facts: Vec::new(),
        duration_ms: 0,
    }
}
