//! The inventory function, as Lambda runs it.

fn main() -> Result<(), lambda_runtime::Error> {
    door::run(inventory::start)
}
