//! Amounts of money as people of a language write them.

use money::{Currency, Money};

use crate::contact::Language;

/// The amount with its currency's decimals and thousands apart: `1,980円`, `¥1,980`, `$19.80`, `19.80 EUR`.
pub fn written(money: Money, language: Language) -> String {
    let decimals = money.currency.decimals();
    let unit = 10_u64.pow(decimals);
    let minor = money.amount_minor.unsigned_abs();
    let mut digits = thousands_apart(minor / unit);
    if decimals > 0 {
        digits.push_str(&format!(
            ".{:0width$}",
            minor % unit,
            width = decimals as usize
        ));
    }
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    if money.currency == Currency::JPY {
        match language {
            Language::Ja => format!("{sign}{digits}円"),
            Language::En => format!("{sign}¥{digits}"),
        }
    } else if money.currency == Currency::USD {
        format!("{sign}${digits}")
    } else {
        format!("{sign}{digits} {}", money.currency)
    }
}

fn thousands_apart(number: u64) -> String {
    let digits = number.to_string();
    let mut apart = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_their_readers_write_them() {
        let cases = [
            ("JPY", 0, "0円", "¥0"),
            ("JPY", 980, "980円", "¥980"),
            ("JPY", 1_980, "1,980円", "¥1,980"),
            ("JPY", -1_234_567, "-1,234,567円", "-¥1,234,567"),
            ("USD", 1_980, "$19.80", "$19.80"),
            ("USD", 123_456_705, "$1,234,567.05", "$1,234,567.05"),
            ("EUR", 5, "0.05 EUR", "0.05 EUR"),
            ("KWD", 1_234_567, "1,234.567 KWD", "1,234.567 KWD"),
        ];
        for (code, amount_minor, ja, en) in cases {
            let money = Money::new(amount_minor, code.parse().unwrap());
            assert_eq!(written(money, Language::Ja), ja);
            assert_eq!(written(money, Language::En), en);
        }
    }
}
