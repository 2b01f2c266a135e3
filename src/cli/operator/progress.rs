//! How far a run is: a bar on a terminal, a plain line now and then elsewhere, nothing when quiet.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::batch::{Progress, Tally};

/// Prints a line for the operator. Whoever listened may have gone away (`vaccert issue … | head`): that is no
/// failure of the work, and no reason to panic as `println!` does.
macro_rules! say {
    ($($argument:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($argument)*);
    }};
}
pub(super) use say;

/// People between two plain lines.
const EVERY: u64 = 10_000;

/// Shows how far a run is, on standard error.
pub(super) enum Display {
    Bar(ProgressBar),
    Lines { next: u64 },
    Quiet,
}

impl Display {
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { next: EVERY };
        }
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {pos} people  {msg}  {elapsed}  {per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self::Bar(bar)
    }
}

impl Progress for Display {
    fn people(&mut self, done: u64, tally: &Tally) {
        let Tally { issued, refused, unchanged, .. } = tally;
        match self {
            Self::Bar(bar) => {
                bar.set_position(done);
                bar.set_message(format!("{issued} issued, {refused} refused, {unchanged} unchanged"));
            }
            Self::Lines { next } if done >= *next => {
                *next = done.saturating_add(EVERY);
                eprintln!("{done} people: {issued} issued, {refused} refused, {unchanged} unchanged");
            }
            Self::Lines { .. } | Self::Quiet => {}
        }
    }

    fn end(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
