//! How fast several things are, side by side: many short rounds, in each of which all of them have their turn, so that the
//! noise of the machine meets all alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a turn takes at least.
const TURN: Duration = Duration::from_millis(20);

/// Does its work once and says how many events that were.
pub(crate) type Act<'a> = Box<dyn FnMut() -> usize + 'a>;

/// Events a second in each round.
pub(crate) struct Rates(Vec<f64>);

/// An act on each of some inputs.
pub(crate) fn act<'a, T>(inputs: &'a [T], mut each: impl FnMut(&T) -> usize + 'a) -> Act<'a> {
    Box::new(move || {
        for input in inputs {
            black_box(each(black_box(input)));
        }
        inputs.len()
    })
}

/// The rates of all acts over so many rounds.
pub(crate) fn rates<const COUNT: usize>(mut acts: [Act<'_>; COUNT], rounds: usize) -> [Rates; COUNT] {
    let mut all = [(); COUNT].map(|()| Rates(Vec::with_capacity(rounds)));
    for _ in 0..rounds {
        for (act, Rates(rates)) in acts.iter_mut().zip(&mut all) {
            rates.push(turn(act));
        }
    }
    all
}

fn turn(act: &mut Act<'_>) -> f64 {
    let (started, mut done) = (Instant::now(), 0_usize);
    while started.elapsed() < TURN {
        done += act();
    }
    done as f64 / started.elapsed().as_secs_f64()
}

impl Rates {
    /// The median of the rounds.
    pub(crate) fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// The median of the rounds' ratios.
    pub(crate) fn beside(&self, other: &Self) -> f64 {
        median(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect())
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
