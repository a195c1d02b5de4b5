//! What the main process knows of one process of a task: what it plays, and whether that takes a place.

use super::cores::{Busy, Place};
use super::frame::Frames;
use crate::play::Activity;

pub(super) struct Post {
    pub(super) frames: Frames,
    /// Until the end of its pipe.
    pub(super) alive: bool,
    /// Its unit was made ready, or is about to be, and waits for a place.
    pub(super) ready: Option<usize>,
    /// Where it was told to be.
    pub(super) place: Option<Place>,
    playing: Option<(usize, Activity)>,
}

impl Post {
    pub(super) fn new() -> Post {
        Post {
            frames: Frames::default(),
            alive: true,
            ready: None,
            place: None,
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

    /// The core it was told to be on.
    pub(super) fn core(&self) -> Option<usize> {
        match self.place? {
            Place::Core(core) => Some(core),
            Place::Anywhere => None,
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

/// The cores on which units are played and made ready by some processes.
pub(super) fn busy(posts: &[Post]) -> Busy {
    let on = |busy: fn(&Post) -> bool| {
        let posts = posts.iter().filter(|post| busy(post));
        posts.filter_map(Post::core).collect()
    };
    Busy {
        playing: on(|post| post.is(Activity::Astir)),
        making_ready: on(|post| post.ready.is_some()),
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
    fn a_core_is_busy_until_what_is_played_on_it_is_over() {
        let mut posts = [4, 5, 6].map(|core| {
            let mut post = Post::new();
            post.place = Some(Place::Core(core));
            post
        });
        posts[0].begin(0);
        posts[1].begin(1);
        posts[1].hear(1, Over);
        posts[2].ready = Some(2);
        let busy = busy(&posts);
        assert_eq!((busy.playing, busy.making_ready), (vec![4], vec![6]));
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
