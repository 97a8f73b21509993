//! How far a replay is: a bar on a terminal, plain lines elsewhere, nothing with `--json`. On stderr, always.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;
use serde::Serialize;

/// How often a plain line is written.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Where progress goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Bar,
    Lines,
    Silent,
}

impl Manner {
    fn of(json: bool, terminal: bool) -> Self {
        match (json, terminal) {
            (true, _) => Self::Silent,
            (false, true) => Self::Bar,
            (false, false) => Self::Lines,
        }
    }
}

/// All stages of a run.
pub(crate) struct Progress {
    manner: Manner,
    /// Where a stage's bar is drawn.
    target: Box<dyn Fn() -> ProgressDrawTarget + Send + Sync>,
    done: Mutex<Vec<StageTime>>,
}

/// How long a stage took.
#[derive(Debug, Clone, Serialize)]
pub(super) struct StageTime {
    /// Its name.
    pub(super) stage: String,
    /// How long it took.
    pub(super) seconds: f64,
}

/// A stage under way.
pub(crate) struct Stage<'a> {
    progress: &'a Progress,
    name: &'static str,
    bar: ProgressBar,
    begun: Instant,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub(crate) fn new(json: bool) -> Self {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Self {
            manner: Manner::of(json, terminal),
            target: Box::new(ProgressDrawTarget::stderr),
            done: Mutex::default(),
        }
    }

    /// On a screen that a test reads.
    #[cfg(test)]
    pub(crate) fn on(screen: &screen::Screen) -> Self {
        let screen = screen.clone();
        Self {
            manner: Manner::Bar,
            target: Box::new(move || ProgressDrawTarget::term_like(Box::new(screen.clone()))),
            done: Mutex::default(),
        }
    }

    /// Begins a stage of so many steps; none where they cannot be counted.
    pub(crate) fn stage(&self, name: &'static str, steps: usize) -> Stage<'_> {
        let steps = steps as u64;
        let bar = match self.manner {
            Manner::Bar => ProgressBar::with_draw_target(Some(steps), (self.target)()),
            Manner::Lines | Manner::Silent => ProgressBar::hidden(),
        };
        let template = match steps {
            0 => "{msg:12} {elapsed:>5} {spinner}",
            _ => "{msg:12} {elapsed:>5} {bar:30} {pos}/{len} {per_sec} {eta}",
        };
        bar.set_length(steps);
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(name);
        if self.manner == Manner::Bar {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Stage {
            progress: self,
            name,
            bar,
            begun: Instant::now(),
            last_line: Mutex::new(Instant::now()),
        }
    }

    /// How long each stage took.
    pub(super) fn times(&self) -> Vec<StageTime> {
        self.done.lock().clone()
    }
}

impl Stage<'_> {
    /// So many steps more are done.
    pub(crate) fn step(&self, steps: u64) {
        self.bar.inc(steps);
        if self.progress.manner == Manner::Lines {
            let mut last = self.last_line.lock();
            if last.elapsed() >= LINE_EVERY {
                *last = Instant::now();
                self.line();
            }
        }
    }

    /// So many steps are done in all.
    pub(crate) fn at(&self, steps: usize) {
        let steps = steps as u64;
        self.step(steps.saturating_sub(self.bar.position()));
    }

    fn line(&self) {
        let (seconds, position) = (self.begun.elapsed().as_secs_f64(), self.bar.position());
        match self.bar.length().unwrap_or_default() {
            0 => eprintln!("{:12} {seconds:6.1} s", self.name),
            length => eprintln!("{:12} {seconds:6.1} s {position}/{length}", self.name),
        }
    }

    /// The stage is over.
    pub(crate) fn end(self) {
        match self.progress.manner {
            // As far as it came: a stage that was cut short is not drawn as a whole one.
            Manner::Bar => self.bar.abandon(),
            Manner::Lines => self.line(),
            Manner::Silent => {}
        }
        self.progress.done.lock().push(StageTime {
            stage: self.name.trim().to_owned(),
            seconds: self.begun.elapsed().as_secs_f64(),
        });
    }
}

/// A terminal whose screen is a text.
#[cfg(test)]
pub(crate) mod screen {
    use std::io;
    use std::sync::Arc;

    use indicatif::TermLike;
    use parking_lot::Mutex;

    /// All that was drawn, one drawing after the other.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Screen(Arc<Mutex<String>>);

    impl Screen {
        pub(crate) fn text(&self) -> String {
            self.0.lock().clone()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)?;
            self.write_str("\n")
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.write_str("\n")
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::screen::Screen;
    use super::*;

    #[test]
    fn a_bar_is_for_people_at_a_terminal() {
        for (json, terminal, manner) in [
            (false, true, Manner::Bar),
            (false, false, Manner::Lines),
            (true, true, Manner::Silent),
            (true, false, Manner::Silent),
        ] {
            assert_eq!(Manner::of(json, terminal), manner, "{json} {terminal}");
        }
    }

    #[test]
    fn a_bar_tells_the_stage_and_how_far_it_came() {
        let screen = Screen::default();
        let progress = Progress::on(&screen);
        let stage = progress.stage("orders", 3);
        stage.step(2);
        stage.end();
        let shown = screen.text();
        let last = shown.lines().last().unwrap();
        assert!(
            last.starts_with("orders") && last.contains("2/3"),
            "{shown}"
        );
        assert_eq!(progress.times().len(), 1);
    }
}
