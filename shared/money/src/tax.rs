//! Japan's consumption tax, rounded once per rate per invoice.
//!
//! The qualified invoice system allows one rounding per rate on an invoice and none per line
//! (Consumption Tax Act, Enforcement Order, article 70-10); amounts below a yen are dropped, as most shops do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Currency, Money, MoneyError};

/// Which rate a product is taxed at.
///
/// ```
/// use money::TaxClass;
///
/// let tea: TaxClass = serde_json::from_str(r#""reduced""#).unwrap();
/// assert_eq!(tea, TaxClass::Reduced);
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(description = "Which rate a product is taxed at.")]
pub enum TaxClass {
    /// The standard rate, 10 %.
    Standard,
    /// The reduced rate for food and drink without alcohol, 8 %.
    Reduced,
    /// Not taxed.
    Exempt,
}

impl TaxClass {
    /// The rate in hundredths of a per cent.
    ///
    /// ```
    /// assert_eq!(money::TaxClass::Reduced.rate_basis_points(), 800);
    /// ```
    pub const fn rate_basis_points(self) -> i64 {
        match self {
            Self::Standard => 1000,
            Self::Reduced => 800,
            Self::Exempt => 0,
        }
    }
}

/// Whether prices are quoted with tax in them.
///
/// ```
/// use money::{Currency, Money, PriceTaxation, TaxClass, summarise};
///
/// // 110 yen with the tax in it are 110 to pay, and 121 where it is added.
/// let pen = [(TaxClass::Standard, Money::new(110, Currency::JPY))];
/// let to_pay = |taxation| summarise(pen, taxation, Currency::JPY).unwrap().total.amount_minor;
/// assert_eq!(to_pay(PriceTaxation::default()), 110);
/// assert_eq!(to_pay(PriceTaxation::Exclusive), 121);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceTaxation {
    /// Prices contain the tax, as shelf prices in Japan must.
    #[default]
    Inclusive,
    /// Tax is added on top.
    Exclusive,
}

/// The tax of one rate on an invoice.
///
/// ```
/// use money::{TaxClass, TaxLine};
///
/// let line = TaxLine { tax_class: TaxClass::Reduced, net_minor: 275, tax_minor: 22 };
/// assert_eq!(line.net_minor + line.tax_minor, 297);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "The tax of one rate on an invoice.")]
pub struct TaxLine {
    /// The class whose rate this is.
    pub tax_class: TaxClass,
    /// The sum of what is taxed at the rate, without tax, in minor units.
    pub net_minor: i64,
    /// The tax on that sum, in minor units.
    pub tax_minor: i64,
}

/// An invoice's sums.
///
/// ```
/// use money::{Currency, Money, PriceTaxation, TaxClass, TaxSummary, summarise};
///
/// let nothing: TaxSummary = summarise([], PriceTaxation::Inclusive, Currency::JPY).unwrap();
/// assert_eq!((nothing.lines.len(), nothing.total), (0, Money::zero(Currency::JPY)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaxSummary {
    /// One line per rate that occurs, in the order of [`TaxClass`].
    pub lines: Vec<TaxLine>,
    /// What the customer pays, tax included.
    pub total: Money,
}

/// Sums priced amounts by rate and computes the tax of each rate once.
///
/// # Errors
/// When a currency differs from `currency` or a sum does not fit.
///
/// ```
/// use money::{Currency, Money, PriceTaxation, TaxClass, summarise};
///
/// // Three times 99 yen at 8 %: 22 yen of tax in the sum, where rounding each line would make 21.
/// let onigiri = (TaxClass::Reduced, Money::new(99, Currency::JPY));
/// let invoice = summarise([onigiri; 3], PriceTaxation::Inclusive, Currency::JPY).unwrap();
/// assert_eq!((invoice.lines[0].net_minor, invoice.lines[0].tax_minor), (275, 22));
/// assert_eq!(invoice.total.amount_minor, 297);
/// ```
pub fn summarise(
    amounts: impl IntoIterator<Item = (TaxClass, Money)>,
    taxation: PriceTaxation,
    currency: Currency,
) -> Result<TaxSummary, MoneyError> {
    let mut sums: [(TaxClass, Option<Money>); 3] = [
        (TaxClass::Standard, None),
        (TaxClass::Reduced, None),
        (TaxClass::Exempt, None),
    ];
    for (tax_class, amount) in amounts {
        for (class, sum) in &mut sums {
            if *class == tax_class {
                *sum = Some(sum.unwrap_or(Money::zero(currency)).plus(amount)?);
            }
        }
    }
    let mut lines = Vec::new();
    let mut total = Money::zero(currency);
    for (tax_class, sum) in sums {
        let Some(sum) = sum else { continue };
        let line = tax_line(tax_class, sum.amount_minor, taxation)?;
        let gross = line
            .net_minor
            .checked_add(line.tax_minor)
            .ok_or(MoneyError::TooLarge)?;
        total = total.plus(Money::new(gross, currency))?;
        lines.push(line);
    }
    Ok(TaxSummary { lines, total })
}

fn tax_line(
    tax_class: TaxClass,
    sum_minor: i64,
    taxation: PriceTaxation,
) -> Result<TaxLine, MoneyError> {
    let rate = i128::from(tax_class.rate_basis_points());
    let sum = i128::from(sum_minor);
    let tax = match taxation {
        PriceTaxation::Inclusive => (sum * rate).div_euclid(10_000 + rate),
        PriceTaxation::Exclusive => (sum * rate).div_euclid(10_000),
    };
    let net = match taxation {
        PriceTaxation::Inclusive => sum - tax,
        PriceTaxation::Exclusive => sum,
    };
    Ok(TaxLine {
        tax_class,
        net_minor: i64::try_from(net).map_err(|_| MoneyError::TooLarge)?,
        tax_minor: i64::try_from(tax).map_err(|_| MoneyError::TooLarge)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yen(amount: i64) -> Money {
        Money::new(amount, Currency::JPY)
    }

    #[test]
    fn inclusive_tax_is_taken_out_once_per_rate() {
        // 108 + 108 + 108 = 324 at 8 %: 24; per line it would be 8 each, the same; 3 x 99 = 297 shows the difference.
        let summary = summarise(
            [(TaxClass::Reduced, yen(99)); 3],
            PriceTaxation::Inclusive,
            Currency::JPY,
        )
        .unwrap();
        assert_eq!(
            summary.lines,
            [TaxLine {
                tax_class: TaxClass::Reduced,
                net_minor: 275,
                tax_minor: 22
            }]
        );
        assert_eq!(summary.total, yen(297));
    }

    #[test]
    fn exclusive_tax_is_added_per_rate_and_rounded_down() {
        let amounts = [
            (TaxClass::Standard, yen(105)),
            (TaxClass::Reduced, yen(105)),
            (TaxClass::Exempt, yen(50)),
        ];
        let summary = summarise(amounts, PriceTaxation::Exclusive, Currency::JPY).unwrap();
        let taxes: Vec<_> = summary
            .lines
            .iter()
            .map(|line| (line.tax_class, line.tax_minor))
            .collect();
        assert_eq!(
            taxes,
            [
                (TaxClass::Standard, 10),
                (TaxClass::Reduced, 8),
                (TaxClass::Exempt, 0)
            ]
        );
        assert_eq!(summary.total, yen(278));
    }

    #[test]
    fn a_foreign_currency_is_refused() {
        let amounts = [(TaxClass::Standard, Money::new(1, Currency::USD))];
        assert!(summarise(amounts, PriceTaxation::Inclusive, Currency::JPY).is_err());
    }
}
