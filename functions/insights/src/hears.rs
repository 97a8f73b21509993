//! Which event types insights hears: all that anybody says, so the list is made of the contexts' own.

use contracts::EventType;

const SAID: [&[EventType]; 8] = [
    contracts::carts::EVENTS,
    contracts::catalog::EVENTS,
    contracts::customers::EVENTS,
    contracts::inventory::EVENTS,
    contracts::notifications::EVENTS,
    contracts::orders::EVENTS,
    contracts::payments::EVENTS,
    contracts::shipping::EVENTS,
];

/// The event types that insights hears: all that anybody says.
pub(crate) const HEARS: &[&str] = &names();

const fn count() -> usize {
    let (mut count, mut context) = (0, 0);
    while context < SAID.len() {
        count += SAID[context].len();
        context += 1;
    }
    count
}

const fn names() -> [&'static str; count()] {
    let mut names = [""; count()];
    let (mut next, mut context) = (0, 0);
    while context < SAID.len() {
        let mut position = 0;
        while position < SAID[context].len() {
            names[next] = SAID[context][position].name;
            next += 1;
            position += 1;
        }
        context += 1;
    }
    names
}
