//! An amount with its currency.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 currency.
///
/// ```
/// use money::Currency;
///
/// let euro: Currency = "EUR".parse().unwrap();
/// assert_eq!(euro.to_string(), "EUR");
/// assert_ne!(euro, Currency::JPY);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The yen, which has no minor unit: one minor unit is one yen.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// assert_eq!(Money::new(1_280, Currency::JPY).to_string(), "1280 JPY");
    /// ```
    pub const JPY: Self = Self(iso_currency::Currency::JPY);
    /// The United States dollar, counted in cents.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// assert_eq!(Money::new(1_280, Currency::USD).to_string(), "12.80 USD");
    /// ```
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// The three-letter code, such as `JPY`.
    ///
    /// ```
    /// assert_eq!(money::Currency::JPY.code(), "JPY");
    /// ```
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the minor unit stands for: 0 for the yen, 2 for the dollar.
    ///
    /// ```
    /// use money::Currency;
    ///
    /// // Not every currency has hundredths: a provider that counts in them is asked by this.
    /// let decimals = ["JPY", "USD", "KWD"].map(|code| code.parse::<Currency>().unwrap().decimals());
    /// assert_eq!(decimals, [0, 2, 3]);
    /// ```
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(16).collect()))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// Why an amount could not be made.
///
/// ```
/// use money::{Currency, Money, MoneyError};
///
/// let mixed = Money::new(1, Currency::JPY).plus(Money::new(1, Currency::USD));
/// assert_eq!(mixed, Err(MoneyError::MixedCurrencies(Currency::JPY, Currency::USD)));
/// assert_eq!(mixed.unwrap_err().to_string(), "JPY and USD cannot be added");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The code is not in ISO 4217.
    #[error("\"{0}\" is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Two currencies met in one sum.
    #[error("{0} and {1} cannot be added")]
    MixedCurrencies(Currency, Currency),
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    TooLarge,
}

/// An amount of one currency, in minor units.
///
/// ```
/// use money::{Currency, Money};
///
/// let price: Money = serde_json::from_str(r#"{"amount_minor":1280,"currency":"JPY"}"#).unwrap();
/// assert_eq!(price, Money::new(1_280, Currency::JPY));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "An amount of one currency, in minor units.")]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount in the currency's minor unit: yen, cents.
    pub amount_minor: i64,
    /// The ISO 4217 code.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// const SHIPPING: Money = Money::new(550, Currency::JPY);
    /// assert_eq!(SHIPPING.amount_minor, 550);
    /// ```
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self {
            amount_minor,
            currency,
        }
    }

    /// Nothing, in that currency.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// let prices = [120, 300].map(|yen| Money::new(yen, Currency::JPY));
    /// let total = prices.into_iter().try_fold(Money::zero(Currency::JPY), Money::plus);
    /// assert_eq!(total.unwrap().amount_minor, 420);
    /// ```
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// When the currencies differ or the sum does not fit.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// let yen = |amount| Money::new(amount, Currency::JPY);
    /// assert_eq!(yen(1_000).plus(yen(80)), Ok(yen(1_080)));
    /// assert!(yen(1).plus(Money::new(1, Currency::USD)).is_err());
    /// ```
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference of two amounts, which may be negative.
    ///
    /// # Errors
    /// When the currencies differ or the difference does not fit.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// let yen = |amount| Money::new(amount, Currency::JPY);
    /// assert_eq!(yen(1_000).minus(yen(1_080)), Ok(yen(-80)));
    /// ```
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// This amount a number of times.
    ///
    /// # Errors
    /// When the product does not fit.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// let price = Money::new(120, Currency::JPY);
    /// assert_eq!(price.times(3).unwrap().amount_minor, 360);
    /// assert!(Money::new(i64::MAX, Currency::JPY).times(2).is_err());
    /// ```
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        let amount_minor = self
            .amount_minor
            .checked_mul(i64::from(quantity))
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self {
            amount_minor,
            ..self
        })
    }

    fn combine(self, other: Self, with: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        let amount_minor =
            with(self.amount_minor, other.amount_minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self {
            amount_minor,
            ..self
        })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let amount = self.amount_minor.unsigned_abs();
        write!(f, "{sign}{}", amount / unit)?;
        if decimals > 0 {
            write!(f, ".{:0width$}", amount % unit, width = decimals as usize)?;
        }
        write!(f, " {}", self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_with_their_currencys_decimals() {
        assert_eq!(Money::new(1980, Currency::JPY).to_string(), "1980 JPY");
        assert_eq!(Money::new(1980, Currency::USD).to_string(), "19.80 USD");
        assert_eq!(Money::new(-5, Currency::USD).to_string(), "-0.05 USD");
    }

    #[test]
    fn sums_refuse_mixed_currencies_and_overflow() {
        let yen = Money::new(1, Currency::JPY);
        let cent = Money::new(1, Currency::USD);
        assert_eq!(
            yen.plus(cent),
            Err(MoneyError::MixedCurrencies(Currency::JPY, Currency::USD))
        );
        assert_eq!(
            Money::new(i64::MAX, Currency::JPY).plus(yen),
            Err(MoneyError::TooLarge)
        );
        assert_eq!(
            Money::new(i64::MAX / 2, Currency::JPY).times(3),
            Err(MoneyError::TooLarge)
        );
        assert_eq!(
            "JPX".parse::<Currency>(),
            Err(MoneyError::UnknownCurrency("JPX".into()))
        );
    }
}
