//! Candidates that take turns, so that other load of the machine affects all of them equally.

#![allow(dead_code, reason = "each bench uses its part")]

use std::{fs, time::Instant};

/// Measurement of one turn.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// Seconds for one unit of work: one call, one event, one message.
    pub(crate) wall: f64,
    /// Processor seconds of this thread, on Linux and if the work runs in this thread.
    pub(crate) cpu: Option<f64>,
}

/// One way to do the same work.
pub(crate) struct Candidate<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> anyhow::Result<Turn> + 'a>,
    /// The candidate runs only once per this number of rounds.
    every: usize,
    /// The turns of the candidate, each with the first candidate's turn of the same round.
    turns: Vec<(Turn, Turn)>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(name: &'static str, run: impl FnMut() -> anyhow::Result<Turn> + 'a) -> Self {
        Self { name, run: Box::new(run), every: 1, turns: Vec::new() }
    }

    /// Runs the candidate only once per this number of rounds, because it is slow.
    pub(crate) fn every(mut self, rounds: usize) -> Self {
        self.every = rounds;
        self
    }
}

/// Does this number of units of work and measures them.
pub(crate) fn turn(units: u32, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Turn> {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    work()?;
    let wall = wall.elapsed().as_secs_f64();
    let cpu = cpu_seconds().zip(cpu).map(|(after, before)| (after - before) / f64::from(units));
    Ok(Turn { wall: wall / f64::from(units), cpu })
}

/// Runs all candidates once to warm up, then in rounds. Each round reverses the order of the round before.
pub(crate) fn take_turns(rounds: usize, candidates: &mut [Candidate<'_>]) -> anyhow::Result<Vec<Measured>> {
    for round in 0..=rounds {
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        let mut turns = vec![None; candidates.len()];
        for at in order {
            let candidate = &mut candidates[at];
            if round % candidate.every == 0 {
                turns[at] = Some((candidate.run)()?);
            }
        }
        let Some(base) = turns[0].filter(|_| round > 0) else { continue };
        for (candidate, turn) in candidates.iter_mut().zip(turns) {
            candidate.turns.extend(turn.map(|turn| (turn, base)));
        }
    }
    Ok(candidates.iter().map(Measured::of).collect())
}

/// Medians of a candidate's turns; ratios are medians of each round's ratio to the first candidate.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Seconds for one unit.
    pub(crate) wall: f64,
    pub(crate) wall_ratio: f64,
    /// Seconds of processor time for one unit.
    pub(crate) cpu: Option<f64>,
    pub(crate) cpu_ratio: Option<f64>,
}

impl Measured {
    fn of(candidate: &Candidate<'_>) -> Self {
        let turns = || candidate.turns.iter();
        Self {
            name: candidate.name,
            wall: median(turns().map(|(turn, _)| turn.wall)),
            wall_ratio: median(turns().map(|(turn, base)| turn.wall / base.wall)),
            cpu: turns().map(|(turn, _)| turn.cpu).collect::<Option<Vec<_>>>().map(median),
            cpu_ratio: turns().map(|(turn, base)| Some(turn.cpu? / base.cpu?)).collect::<Option<Vec<_>>>().map(median),
        }
    }
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The processor time of this thread so far.
pub(crate) fn cpu_seconds() -> Option<f64> {
    let nanoseconds: f64 = fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// Unit of the time of one operation in a table.
#[derive(Clone, Copy)]
pub(crate) enum Figure {
    /// Units per second. Ratios compare these values, so more is better.
    PerSecond,
    /// Milliseconds. Ratios compare these values, so less is better.
    Milliseconds,
}

/// Prints one line for each candidate: the figure and the processor time, each with its ratio to the first.
pub(crate) fn print(title: &str, units: &str, figure: Figure, measured: &[Measured]) {
    let head = match figure {
        Figure::PerSecond => format!("{units}/s"),
        Figure::Milliseconds => format!("ms/{units}"),
    };
    println!("\n{title:<28} {head:>12} {:>6} {:>12} {:>6}", "ratio", "CPU us each", "ratio");
    for m in measured {
        let [wall, ratio] = match figure {
            Figure::PerSecond => [1.0 / m.wall, 1.0 / m.wall_ratio],
            Figure::Milliseconds => [m.wall * 1e3, m.wall_ratio],
        };
        print!("{:<28} {wall:>12.0} {ratio:>6.2}", m.name);
        match m.cpu.zip(m.cpu_ratio) {
            Some((cpu, ratio)) => println!(" {:>12.2} {ratio:>6.2}", cpu * 1e6),
            None => println!(),
        }
    }
}
