//! One function for each rule: what of a template breaks it, in words.

mod access;
mod alarms;
mod breaks;
mod failure;
mod limits;
mod operation;
mod ownership;
mod packaging;

use std::collections::BTreeMap;

pub use breaks::BREAKS;
use sam_template::Template;

type Rule = fn(&Template) -> Vec<String>;

/// Every rule by name.
pub const RULES: &[(&str, Rule)] = &[
    ("visibility", failure::visibility),
    ("receive_count", failure::receive_count),
    ("dead_letters", failure::dead_letters),
    ("partial_failures", failure::partial_failures),
    ("stream_failures", failure::stream_failures),
    ("stream_filters", failure::stream_filters),
    ("ownership", ownership::ownership),
    ("permissions", ownership::permissions),
    ("wildcards", ownership::wildcards),
    ("subscriptions", ownership::subscriptions),
    ("access", access::access),
    ("log_retention", packaging::log_retention),
    ("binaries", packaging::binaries),
    ("dead_letters_watched", alarms::dead_letters_watched),
    ("functions_watched", alarms::functions_watched),
    ("alarms_heard", alarms::alarms_heard),
    ("alarms_ring", alarms::alarms_ring),
    ("canaries", alarms::canaries),
    ("dashboard", operation::dashboard),
    ("lags", operation::lags),
    ("cors", operation::cors),
    ("secrets", operation::secrets),
    ("variables", limits::variables),
    ("policies", limits::policies),
];

/// The rules that a template breaks, each with how.
pub fn broken(template: &Template) -> BTreeMap<&'static str, Vec<String>> {
    RULES
        .iter()
        .map(|(name, rule)| (*name, rule(template)))
        .filter(|(_, how)| !how.is_empty())
        .collect()
}
