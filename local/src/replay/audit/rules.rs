//! The rules that are checked, and how each turned out.

use serde::Serialize;

/// How many violations are told in words.
const TOLD: usize = 20;

macro_rules! rules {
    ($($(#[doc = $what:literal])+ $rule:ident = $name:literal),+ $(,)?) => {
        /// A rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::replay) enum Rule {
            $($(#[doc = $what])+ $rule),+
        }

        impl Rule {
            const ALL: &'static [Self] = &[$(Self::$rule),+];

            /// Its name, as reports have it.
            pub(in crate::replay) const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name),+ }
            }
        }
    };
}

rules! {
    /// Every basket that was placed is one order of its customer, with its lines, and no two are the same order.
    BasketIsOneOrder = "every basket is exactly one order",
    /// Lines cost what the catalog says, and the total is their sum and the shipping fee.
    PricesAreRight = "lines cost what the catalog says",
    /// The order is completed or cancelled.
    OrderIsTerminal = "every order is terminal",
    /// Neither what can be sold nor what was received is below zero.
    StockIsNotNegative = "stock is never below zero",
    /// Available + reserved + shipped = received, for each SKU and location.
    StockIsConserved = "available + reserved + shipped = received",
    /// A terminal order holds no stock; a completed one has had all of it, a cancelled one none.
    NoReservationLeaks = "no reservation is leaked",
    /// A reservation, a shipment, a payment belongs to an order.
    NothingWithoutOrder = "nothing is there without an order",
    /// Of a completed order all parcels have arrived; of a cancelled one none has left.
    ShipmentAgrees = "shipments agree with orders",
    /// By the provider's ledger, at most one authorisation ever for an order and attempt, and one alive for an order.
    OneAuthorisation = "at most one authorisation per order and attempt",
    /// 0 <= refunded <= captured <= authorised, by the provider's ledger.
    MoneyIsOrdered = "refunded <= captured <= authorised",
    /// Every authorisation of the provider's is an order's.
    NoChargeWithoutOrder = "no charge without an order",
    /// Of a cancelled order nothing is held, and what was captured has gone back.
    NoChargeOnCancelled = "no money is kept of a cancelled order",
    /// Of a completed order the total was captured, nothing is held, and nothing has gone back.
    CompletedIsPaid = "a completed order is paid in full",
    /// The payments context's own ledger says what the provider's says.
    BooksAgree = "the shop's ledger agrees with the provider's",
    /// Each commit raised the version by one and each message was handled once, as far as the items remember.
    VersionsStep = "versions step by one, messages are handled once",
    /// Nothing was told twice.
    ToldAtMostOnce = "nothing is told twice",
    /// A mail about an order went to the order's customer and nobody else.
    ToldToTheRightOne = "only the order's customer is told",
    /// What a customer with an address is to be told was told.
    ToldAtLeastOnce = "what is to be told is told",
    /// A dead-letter queue is empty.
    NoDeadLetters = "dead-letter queues are empty",
}

/// How one rule turned out.
#[derive(Debug, Clone, Serialize)]
pub(in crate::replay) struct RuleResult {
    /// The rule.
    pub(in crate::replay) rule: &'static str,
    /// How often it was checked.
    pub(in crate::replay) checked: u64,
    /// How often it did not hold.
    pub(in crate::replay) broken: u64,
}

/// How all rules turned out.
#[derive(Debug, Default)]
pub(in crate::replay) struct Findings {
    counts: std::collections::BTreeMap<Rule, (u64, u64)>,
    told: Vec<String>,
}

impl Findings {
    /// Checks one case; where the rule is broken, says what of and why.
    pub(in crate::replay) fn check(
        &mut self,
        rule: Rule,
        holds: bool,
        why: impl FnOnce() -> String,
    ) {
        let (checked, broken) = self.counts.entry(rule).or_default();
        *checked += 1;
        if !holds {
            *broken += 1;
            if self.told.len() < TOLD {
                self.told.push(format!("{}: {}", rule.name(), why()));
            }
        }
    }

    /// The rules, each with how it turned out.
    pub(in crate::replay) fn rules(&self) -> Vec<RuleResult> {
        let results = Rule::ALL.iter().map(|rule| {
            let (checked, broken) = self.counts.get(rule).copied().unwrap_or_default();
            RuleResult {
                rule: rule.name(),
                checked,
                broken,
            }
        });
        results.collect()
    }

    /// The first violations, in words.
    pub(in crate::replay) fn told(&self) -> &[String] {
        &self.told
    }

    /// How many checks were made, and how many found a violation.
    pub(in crate::replay) fn totals(&self) -> (u64, u64) {
        let counts = self.counts.values();
        counts.fold((0, 0), |(checked, broken), (more_checked, more_broken)| {
            (checked + more_checked, broken + more_broken)
        })
    }
}
