//! The contexts of the world, by number.

/// A bounded context: a function with its table, topic and queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Site {
    /// Products and prices.
    Catalog,
    /// Stock.
    Inventory,
    /// Orders.
    Orders,
    /// Payments.
    Payments,
    /// Shipments.
    Shipping,
    /// Mails.
    Notifications,
    /// Carts.
    Carts,
}

/// How many there are.
pub const SITES: usize = 7;

impl Site {
    /// All of them.
    pub const ALL: [Self; SITES] = [
        Self::Catalog,
        Self::Inventory,
        Self::Orders,
        Self::Payments,
        Self::Shipping,
        Self::Notifications,
        Self::Carts,
    ];

    /// Its name, as events have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Inventory => "inventory",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Shipping => "shipping",
            Self::Notifications => "notifications",
            Self::Carts => "carts",
        }
    }
}
