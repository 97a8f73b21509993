//! Currencies as Stripe charges them: the unit of an amount, and the least and most it takes.

use iso_currency::Currency;

use crate::refusal::Refusal;

/// Eight digits, whatever the currency (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>).
const MAXIMUM_AMOUNT_MINOR: i64 = 99_999_999;

/// Currencies whose amounts have no decimals (<https://docs.stripe.com/currencies#zero-decimal>).
const ZERO_DECIMAL: &[&str] = &[
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
];

/// The least charge by settlement currency, in minor units, from the same page. Others are taken from one unit up.
const MINIMUM_AMOUNTS_MINOR: &[(&str, i64)] = &[
    ("aed", 200),
    ("aud", 50),
    ("bgn", 100),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1000),
    ("usd", 50),
];

/// The lower-case code, if it names a currency of this world.
pub(crate) fn currency(code: &str) -> Result<String, Refusal> {
    let known = code.len() == 3 && Currency::from_code(&code.to_ascii_uppercase()).is_some();
    if known {
        Ok(code.to_ascii_lowercase())
    } else {
        Err(Refusal::parameter(
            "invalid_currency",
            "currency",
            format!(
                "Invalid currency: {code}. It must be a three-letter ISO 4217 code in lower case, such as jpy."
            ),
        ))
    }
}

/// Checks an amount to charge.
pub(crate) fn chargeable(amount_minor: i64, currency: &str) -> Result<(), Refusal> {
    let minimum = MINIMUM_AMOUNTS_MINOR
        .iter()
        .find(|(code, _)| *code == currency)
        .map_or(1, |(_, minimum)| *minimum);
    if amount_minor < 1 {
        return Err(Refusal::parameter(
            "parameter_invalid_integer",
            "amount",
            "This value must be greater than or equal to 1.",
        ));
    }
    if amount_minor < minimum {
        return Err(Refusal::parameter(
            "amount_too_small",
            "amount",
            format!(
                "Amount must be at least {} {currency}",
                display(minimum, currency)
            ),
        ));
    }
    if amount_minor > MAXIMUM_AMOUNT_MINOR {
        return Err(Refusal::parameter(
            "amount_too_large",
            "amount",
            format!(
                "Amount must be no more than {} {currency}",
                display(MAXIMUM_AMOUNT_MINOR, currency)
            ),
        ));
    }
    Ok(())
}

/// An amount as a person reads it: `¥1200`, `$12.00`.
pub(crate) fn display(amount_minor: i64, currency: &str) -> String {
    let symbol = match currency {
        "jpy" => "¥",
        "usd" => "$",
        "eur" => "€",
        "gbp" => "£",
        _ => "",
    };
    if ZERO_DECIMAL.contains(&currency) {
        format!("{symbol}{amount_minor}")
    } else {
        format!("{symbol}{}.{:02}", amount_minor / 100, amount_minor % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_at_the_edges() {
        let cases = [
            (49, "jpy", Some("amount_too_small")),
            (50, "jpy", None),
            (49, "usd", Some("amount_too_small")),
            (50, "usd", None),
            (29, "gbp", Some("amount_too_small")),
            (0, "jpy", Some("parameter_invalid_integer")),
            (-5, "jpy", Some("parameter_invalid_integer")),
            (99_999_999, "jpy", None),
            (100_000_000, "jpy", Some("amount_too_large")),
            (1, "bhd", None),
        ];
        for (amount_minor, currency, code) in cases {
            let refused = chargeable(amount_minor, currency).err();
            let found =
                refused.map(|refusal| refusal.body()["error"]["code"].as_str().unwrap().to_owned());
            assert_eq!(found.as_deref(), code, "{amount_minor} {currency}");
        }
    }

    #[test]
    fn yen_have_no_decimals() {
        assert_eq!(display(1234, "jpy"), "¥1234");
        assert_eq!(display(1234, "usd"), "$12.34");
        assert_eq!(display(5, "eur"), "€0.05");
    }
}
