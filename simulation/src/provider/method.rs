//! The payment methods that customers of the world have.

/// What comes of paying with a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The amount is held for seven days.
    Good,
    /// The amount is held for one day: some issuers let go sooner.
    Short,
    /// The issuer declines.
    Declines,
    /// The customer must confirm first.
    Asks,
    /// The provider has no such method.
    Unknown,
}

impl Method {
    /// The provider's token of it.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Good => "pm_card_visa",
            Self::Short => "pm_card_short_hold",
            Self::Declines => "pm_card_declined",
            Self::Asks => "pm_card_asks",
            Self::Unknown => "pm_card_unknown",
        }
    }

    /// The method of a token.
    pub fn of(token: &str) -> Self {
        [Self::Good, Self::Short, Self::Declines, Self::Asks]
            .into_iter()
            .find(|method| method.token() == token)
            .unwrap_or(Self::Unknown)
    }

    /// How long the amount is held, in seconds.
    pub const fn hold_seconds(self) -> i64 {
        match self {
            Self::Short => 24 * 60 * 60,
            Self::Good | Self::Declines | Self::Asks | Self::Unknown => 7 * 24 * 60 * 60,
        }
    }
}
