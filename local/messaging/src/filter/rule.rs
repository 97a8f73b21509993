//! One rule about one value.

use std::net::IpAddr;

use serde_json::Value;

use super::numeric::Range;
use crate::access_policy::like;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Equals(Value),
    Prefix(String),
    Suffix(String),
    EqualsIgnoreCase(String),
    Wildcard(String),
    Numeric(Range),
    Cidr(Network),
    Exists(bool),
    /// None of the rules holds.
    AnythingBut(Vec<Rule>),
}

impl Rule {
    /// Whether the rule holds of a value, or of its absence.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => *wanted == value.is_some(),
            (_, None) => false,
            (_, Some(Value::Array(elements))) => {
                elements.iter().any(|element| self.holds(Some(element)))
            }
            (_, Some(value)) => self.holds_of(value),
        }
    }

    fn holds_of(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Exists(wanted), _) => *wanted,
            (Self::AnythingBut(rules), _) => {
                !value.is_object() && !rules.iter().any(|rule| rule.holds_of(value))
            }
            // Numbers compare by what they amount to: 300, 300.0 and 3e2 are one.
            (Self::Equals(Value::Number(wanted)), Value::Number(value)) => {
                wanted.as_f64() == value.as_f64()
            }
            (Self::Equals(wanted), _) => wanted == value,
            (Self::Numeric(range), Value::Number(value)) => {
                value.as_f64().is_some_and(|value| range.contains(value))
            }
            (Self::Prefix(prefix), Value::String(text)) => text.starts_with(prefix),
            (Self::Suffix(suffix), Value::String(text)) => text.ends_with(suffix),
            (Self::EqualsIgnoreCase(wanted), Value::String(text)) => {
                wanted.to_lowercase() == text.to_lowercase()
            }
            (Self::Wildcard(pattern), Value::String(text)) => like(pattern, text),
            (Self::Cidr(network), Value::String(text)) => {
                text.parse().is_ok_and(|address| network.contains(address))
            }
            (
                Self::Numeric(_)
                | Self::Prefix(_)
                | Self::Suffix(_)
                | Self::EqualsIgnoreCase(_)
                | Self::Wildcard(_)
                | Self::Cidr(_),
                _,
            ) => false,
        }
    }
}

/// A block of IP addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    length: u32,
}

impl Network {
    pub fn read(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let length = length.parse().ok()?;
        (length <= width(address)).then_some(Self { address, length })
    }

    fn contains(self, address: IpAddr) -> bool {
        // A shift by the whole width leaves nothing to compare, which is what a length of 0 means.
        let leading = |address: IpAddr| {
            bits(address)
                .checked_shr(width(address) - self.length)
                .unwrap_or(0)
        };
        self.address.is_ipv4() == address.is_ipv4() && leading(self.address) == leading(address)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}
