//! The `numeric` operator: equality, or a range with one or two ends.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    lower: Option<End>,
    upper: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct End {
    at: f64,
    included: bool,
}

impl Range {
    /// Reads `["=", n]`, `[">", n]` or `[">=", n, "<", m]` and the like; otherwise says what is wrong.
    pub fn read(parts: &[Value]) -> Result<Self, String> {
        let mut range = Self {
            lower: None,
            upper: None,
        };
        if parts.is_empty() || parts.len() > 4 {
            return Err(
                "Value of numeric must be one or two pairs of operator and number".to_owned(),
            );
        }
        for pair in parts.chunks(2) {
            let [operator, number] = pair else {
                return Err("Value of numeric must be pairs of operator and number".to_owned());
            };
            let operator = operator
                .as_str()
                .ok_or("Invalid member in numeric match: operator must be a string")?;
            let at = number
                .as_f64()
                .ok_or_else(|| format!("Value of {operator} must be numeric"))?;
            let end = |included| Some(End { at, included });
            match operator {
                "=" if parts.len() == 2 => {
                    range = Self {
                        lower: end(true),
                        upper: end(true),
                    }
                }
                ">" | ">=" if range.lower.is_none() && range.upper.is_none() => {
                    range.lower = end(operator == ">=")
                }
                "<" | "<=" if range.upper.is_none() => range.upper = end(operator == "<="),
                "=" | ">" | ">=" | "<" | "<=" => {
                    return Err(format!(
                        "Too many terms or wrong order in numeric range expression at {operator}"
                    ));
                }
                _ => return Err(format!("Unrecognized numeric range operator: {operator}")),
            }
        }
        match (range.lower, range.upper) {
            (Some(lower), Some(upper))
                if lower.at > upper.at
                    || (lower.at == upper.at && !(lower.included && upper.included)) =>
            {
                Err("Bottom must be less than top".to_owned())
            }
            _ => Ok(range),
        }
    }

    pub fn contains(self, value: f64) -> bool {
        self.lower
            .is_none_or(|end| value > end.at || (end.included && value == end.at))
            && self
                .upper
                .is_none_or(|end| value < end.at || (end.included && value == end.at))
    }
}
