//! The command.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let orders = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10);
    let seeds = std::env::args().nth(2).and_then(|text| text.parse().ok()).unwrap_or(1);
    let faulty = std::env::args().nth(3).is_some_and(|text| text == "all");
    let mut settings = if faulty { simulation::Settings::all_faults(orders) } else { simulation::Settings::faultless(orders) };
    settings.trace = seeds == 1;
    let began = std::time::Instant::now();
    let report = simulation::run_seeds(&settings, 0, seeds, 2, |world| {
        if seeds == 1 {
            for line in &world.lines { println!("{line}"); }
            println!("{:?} {:?}", world.ends, world.violations);
        }
    });
    println!("{report:#?} {:?}", began.elapsed());
}
