//! What the command line says.

use clap::Parser;
use simulation::Settings;
use simulation::faults::{Fault, Rates};

/// Runs worlds of the whole shop under faults, and checks after every event that nothing is lost and nothing happens
/// twice.
///
/// Exit codes: 0 every invariant held; 1 one did not; 2 the command line makes no sense; 3 a fault that was on fired
/// fewer than 100 times, which is demanded of runs of 100,000 orders or more (see --fired-from-orders); 4 a seed had
/// another course the second time.
#[derive(Debug, Clone, Parser)]
#[command(name = "simulation", version)]
pub struct Arguments {
    /// How many worlds, each of another seed.
    #[arg(long, default_value_t = 100)]
    pub seeds: u64,
    /// How many orders are placed in each world.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub orders: u32,
    /// The seed of the first world.
    #[arg(long, default_value_t = 0)]
    pub first_seed: u64,
    /// One world only, of this seed.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Write the course of the world of --seed as a timeline.
    #[arg(long, requires = "seed")]
    pub trace: bool,
    /// How many worlds run at the same time; as many as there are cores if not given.
    #[arg(long)]
    pub threads: Option<usize>,
    /// Which faults are on: `none`, or names with commas between them, of which `all` is one; a name may have a rate, in
    /// a million: `all,duplicate=50000,clock_off=0`.
    #[arg(long, default_value = "all")]
    pub faults: String,
    /// Every world has the same rates, instead of each fault off, rare, as set or frequent, as its seed says.
    #[arg(long)]
    pub same_rates: bool,
    /// From how many orders on each fault that is on must have fired 100 times.
    #[arg(long, default_value_t = 100_000)]
    pub fired_from_orders: u64,
    /// Run every seed twice, and compare the hashes of the two courses.
    #[arg(long)]
    pub check_determinism: bool,
    /// Kill a small world at every call of every port, before and after it, singly and in pairs.
    #[arg(long)]
    pub crash_points: bool,
    /// With --crash-points: singly only.
    #[arg(long, requires = "crash_points")]
    pub singly: bool,
    /// The report as JSON on the standard output.
    #[arg(long)]
    pub json: bool,
    /// List faults and invariants, and end.
    #[arg(long)]
    pub list: bool,
}

impl Arguments {
    /// How many threads.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(cores).clamp(1, 256)
    }

    /// The settings of the worlds.
    ///
    /// # Errors
    /// When a fault's name or rate is none.
    pub fn settings(&self) -> Result<Settings, String> {
        let rates = rates(&self.faults)?;
        let is_faultless = rates == Rates::none();
        Ok(Settings {
            mixes: !self.same_rates && !is_faultless,
            rates,
            trace: self.trace,
            ..Settings::all_faults(self.orders)
        })
    }
}

fn rates(text: &str) -> Result<Rates, String> {
    match text {
        "all" => return Ok(Rates::all()),
        "none" => return Ok(Rates::none()),
        _ => {}
    }
    let mut rates = Rates::none();
    for part in text.split(',') {
        if part.trim() == "all" {
            rates = Rates::all();
            continue;
        }
        let (name, rate) = match part.split_once('=') {
            Some((name, rate)) => (name.trim(), Some(rate.trim())),
            None => (part.trim(), None),
        };
        let fault = Fault::ALL.iter().find(|fault| fault.name() == name);
        let fault =
            fault.ok_or_else(|| format!("there is no fault \"{name}\"; --list names them all"))?;
        let rate = match rate {
            None => fault.default_rate(),
            Some(rate) => match rate.parse() {
                Ok(rate) if rate <= 1_000_000 => rate,
                Ok(_) | Err(_) => {
                    return Err(format!("\"{rate}\" is no rate: 0 to 1000000, in a million"));
                }
            },
        };
        rates.set(*fault, rate);
    }
    Ok(rates)
}
