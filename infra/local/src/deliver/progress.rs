//! How far a long work is: a bar on a terminal, a line now and then elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// A line this often where there is no terminal to draw on.
const LINE_EVERY: u64 = 2_000;

/// Shows on standard error how much is done and how fast.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    plain: bool,
    what: &'static str,
    told: Cell<u64>,
}

impl Progress {
    /// Begins to show progress on `what`, of `total` where it is known.
    #[must_use]
    pub fn start(what: &'static str, total: Option<u64>) -> Self {
        let plain = !std::io::stderr().is_terminal();
        let bar = match (plain, total) {
            (true, _) => ProgressBar::hidden(),
            (false, Some(total)) => ProgressBar::new(total).with_style(style(
                "{msg} [{bar:32}] {human_pos}/{human_len} {per_sec:.0} {eta}",
            )),
            (false, None) => ProgressBar::new_spinner()
                .with_style(style("{msg} {human_pos} {per_sec:.0} {elapsed}")),
        };
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_message(what);
        Self {
            bar,
            plain,
            what,
            told: Cell::new(0),
        }
    }

    /// One more is done.
    pub fn one(&self) {
        self.at(self.bar.position() + 1);
    }

    /// So many are done.
    pub fn at(&self, done: u64) {
        self.bar.set_position(done);
        if self.plain && done >= self.told.get() + LINE_EVERY {
            self.line(done);
        }
    }

    /// Everything is done; the last count stays to be read.
    pub fn finish(&self) {
        self.bar.finish();
        if self.plain {
            self.line(self.bar.position());
        }
    }

    fn line(&self, done: u64) {
        self.told.set(done);
        let of = self
            .bar
            .length()
            .map(|total| format!(" of {}", HumanCount(total)));
        let of = of.unwrap_or_default();
        eprintln!("{} {}{of}", self.what, HumanCount(done));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is one of ours")
}
