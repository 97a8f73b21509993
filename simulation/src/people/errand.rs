//! Something that somebody goes to do, and tries again where it brings no answer.

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Set up the shop: the n-th request for it.
    SetUp,
    /// Place an order.
    Place,
    /// Place another order with a key that was used.
    PlaceOther,
    /// Put its n-th line in the cart.
    Fill,
    /// Look at the cart, before the n-th checkout.
    SeeCart,
    /// Check out the cart, for the n-th time.
    CheckOut,
    /// Cancel it, as its customer.
    Cancel,
    /// Cancel it, as an operator.
    CancelAsOperator,
    /// Confirm its payment at the bank.
    Confirm,
    /// Look at one's own order.
    Look,
    /// Look at another's order.
    Peek,
    /// Look at another's payment.
    PeekPayment,
    /// List one's orders.
    List,
    /// Pack it.
    Pack,
    /// Send its n-th parcel.
    Dispatch,
    /// Note that its parcels arrived.
    Deliver,
    /// Take back goods: the n-th return.
    TakeBack,
    /// Give money back: the n-th refund.
    Refund,
    /// Give back far too much.
    RefundTooMuch,
    /// Change a price, for the n-th time.
    ChangePrice,
    /// Receive stock, for the n-th time.
    Receive,
    /// Count stock, for the n-th time.
    Adjust,
    /// Set the level below which stock runs low.
    Threshold,
    /// Take a product off the shelves.
    Retire,
    /// List what is to be packed.
    ListOpen,
    /// Have published again what a stream has lost: the n-th time of all.
    PublishAgain,
}

/// An errand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand {
    /// What is to be done.
    pub what: What,
    /// About which order, product or context.
    pub order: u32,
    /// The how-many-eth of its kind.
    pub number: u16,
    /// How often it was tried.
    pub tries: u16,
}

impl Errand {
    /// A first try.
    pub fn new(what: What, order: u32, number: u16) -> Self {
        Self {
            what,
            order,
            number,
            tries: 0,
        }
    }
}
