//! The insights function.

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    door::run(insights::start)
}
