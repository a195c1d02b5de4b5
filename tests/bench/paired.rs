//! Times of runs, compared neighbour by neighbour.

use std::time::Duration;

/// The middle half of the ratios may span this share of their median; beyond it the machine was busy.
const NOISE: f64 = 0.10;

/// The middle of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// A quarter of them is below.
    pub lower: f64,
    /// Half of them is below.
    pub median: f64,
    /// A quarter of them is above.
    pub upper: f64,
}

impl Summary {
    /// Sums up `numbers`, of which there must be one at least.
    pub fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let quantile = |share: f64| {
            let place = share * (numbers.len() - 1) as f64;
            let (below, above) = (
                numbers[place.floor() as usize],
                numbers[place.ceil() as usize],
            );
            below + (above - below) * place.fract()
        };
        Summary {
            lower: quantile(0.25),
            median: quantile(0.5),
            upper: quantile(0.75),
        }
    }

    /// What the middle half spans, as a share of the median.
    pub fn spread(&self) -> f64 {
        (self.upper - self.lower) / self.median
    }
}

/// A subject and the script it was run in turns with. Times are in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The subject's times.
    pub subject: Summary,
    /// The script's.
    pub script: Summary,
    /// The subject's time divided by the script's, pair by pair.
    pub ratio: Summary,
}

impl Comparison {
    fn of(pairs: &[(f64, f64)]) -> Self {
        Comparison {
            subject: Summary::of(pairs.iter().map(|pair| pair.0).collect()),
            script: Summary::of(pairs.iter().map(|pair| pair.1).collect()),
            ratio: Summary::of(pairs.iter().map(|pair| pair.0 / pair.1).collect()),
        }
    }

    /// Whether the pairs disagree too much to conclude anything.
    pub fn is_noisy(&self) -> bool {
        self.ratio.spread() > NOISE
    }
}

/// One run of a subject.
pub type Run<'a> = &'a dyn Fn() -> anyhow::Result<Duration>;

/// Runs each subject in turns with the script, `pairs` times. Who goes first changes from pair to pair: on a machine that
/// is warming up or slowing down, neither gains.
///
/// # Errors
/// The first run that failed.
pub fn against<const N: usize>(
    script: impl Fn() -> anyhow::Result<Duration>,
    subjects: [Run; N],
    pairs: usize,
) -> anyhow::Result<[Comparison; N]> {
    let mut times = [const { Vec::new() }; N];
    for round in 0..pairs {
        for (times, subject) in times.iter_mut().zip(subjects) {
            let pair = if round % 2 == 0 {
                let first = subject()?;
                (first, script()?)
            } else {
                let first = script()?;
                (subject()?, first)
            };
            times.push((milliseconds(pair.0), milliseconds(pair.1)));
        }
    }
    Ok(times.map(|pairs| Comparison::of(&pairs)))
}

/// A duration in milliseconds.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
