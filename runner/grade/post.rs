//! What the main process knows of one process of a task: what it plays, and whether that takes a place.

use super::frame::Frames;
use crate::play::Activity;

pub(super) struct Post {
    pub(super) frames: Frames,
    /// Until the end of its pipe.
    pub(super) alive: bool,
    /// Its unit was made ready, or is about to be, and waits for a place.
    pub(super) ready: Option<usize>,
    playing: Option<(usize, Activity)>,
}

impl Post {
    pub(super) fn new() -> Post {
        Post {
            frames: Frames::default(),
            alive: true,
            ready: None,
            playing: None,
        }
    }

    pub(super) fn begin(&mut self, unit: usize) {
        self.playing = Some((unit, Activity::Astir));
    }

    /// What it plays, and plays no longer.
    pub(super) fn end(&mut self) -> Option<usize> {
        self.playing.take().map(|(unit, _)| unit)
    }

    pub(super) fn plays(&self, unit: usize) -> bool {
        self.playing.is_some_and(|(playing, _)| playing == unit)
    }

    /// What it says of a unit that it plays. What is over stays over.
    pub(super) fn hear(&mut self, unit: usize, activity: Activity) {
        if let Some((playing, before)) = &mut self.playing
            && *playing == unit
            && *before != Activity::Over
        {
            *before = activity;
        }
    }

    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    pub(super) fn is(&self, activity: Activity) -> bool {
        self.playing.is_some_and(|(_, now)| now == activity)
    }

    /// Whether nothing has been given to it.
    pub(super) fn is_idle(&self) -> bool {
        self.ready.is_none() && self.playing.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::Activity::{Astir, Over, Resting};
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::astir(&[], Astir)]
    #[case::resting(&[(7, Resting)], Resting)]
    #[case::awake_again(&[(7, Resting), (7, Astir)], Astir)]
    #[case::over(&[(7, Over)], Over)]
    #[case::over_after_a_rest(&[(7, Resting), (7, Over)], Over)]
    #[case::over_for_good(&[(7, Over), (7, Resting), (7, Astir)], Over)]
    #[case::another_unit(&[(6, Over), (8, Resting)], Astir)]
    fn what_is_said_of_the_unit_that_is_played(
        #[case] said: &[(usize, Activity)],
        #[case] then: Activity,
    ) {
        let mut post = Post::new();
        post.begin(7);
        for (unit, activity) in said {
            post.hear(*unit, *activity);
        }
        let now = [Astir, Resting, Over].map(|activity| post.is(activity));
        assert_eq!(now, [Astir, Resting, Over].map(|activity| activity == then));
        assert!(post.plays(7) && !post.is_idle());
        assert_eq!(post.end(), Some(7));
        assert!(post.is_idle() && !post.is(then));
    }

    #[test]
    fn who_plays_nothing_has_nothing_to_say() {
        let mut post = Post::new();
        post.hear(0, Over);
        assert!(post.is_idle() && !post.is(Over));
        post.begin(1);
        assert!(post.is(Astir), "the next unit begins astir");
    }
}
