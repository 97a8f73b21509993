//! Letters: the texts that customers get, from the templates of each language.
//!
//! The templates are part of the binary. Whatever comes from outside (names of carriers, SKUs) is escaped in HTML.

use contracts::orders::{CancellationReason, OrderedLine};
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};

use crate::Config;
use crate::amount::written;
use crate::contact::{Contact, Language};
use crate::mail::Mail;
use crate::news::{Facts, News};
use crate::notice::Kind;

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../templates/", $name)))),+]
    };
}

/// Every template, by its path under `templates/`.
const TEMPLATES: &[(&str, &str)] = templates![
    "en/layout.html",
    "en/order_cancelled.html",
    "en/order_cancelled.subject.txt",
    "en/order_cancelled.txt",
    "en/order_confirmed.html",
    "en/order_confirmed.subject.txt",
    "en/order_confirmed.txt",
    "en/payment_refunded.html",
    "en/payment_refunded.subject.txt",
    "en/payment_refunded.txt",
    "en/shipment_dispatched.html",
    "en/shipment_dispatched.subject.txt",
    "en/shipment_dispatched.txt",
    "ja/layout.html",
    "ja/order_cancelled.html",
    "ja/order_cancelled.subject.txt",
    "ja/order_cancelled.txt",
    "ja/order_confirmed.html",
    "ja/order_confirmed.subject.txt",
    "ja/order_confirmed.txt",
    "ja/payment_refunded.html",
    "ja/payment_refunded.subject.txt",
    "ja/payment_refunded.txt",
    "ja/shipment_dispatched.html",
    "ja/shipment_dispatched.subject.txt",
    "ja/shipment_dispatched.txt",
];

/// A letter that could not be written: a fault of a template.
#[derive(Debug, thiserror::Error)]
#[error("the {part} of {kind} in {language} cannot be written: {source}")]
pub struct LetterError {
    kind: Kind,
    language: Language,
    part: &'static str,
    #[source]
    source: minijinja::Error,
}

/// The shop's letters.
#[derive(Debug)]
pub struct Letters {
    templates: Environment<'static>,
    shop_name: String,
    shop_url: String,
}

impl Letters {
    /// The letters of the shop that the settings name.
    pub fn new(config: &Config) -> Self {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in TEMPLATES {
            templates
                .add_template(name, source)
                .expect("the templates are part of the program, and tests write every one of them");
        }
        Self {
            templates,
            shop_name: config.shop_name.clone(),
            shop_url: config.shop_url.clone(),
        }
    }

    /// Writes the news to a customer.
    ///
    /// # Errors
    /// When a template has a fault.
    pub fn write(&self, news: &News, contact: &Contact) -> Result<Mail, LetterError> {
        let language = contact.language;
        let context = context! {
            shop_name => &self.shop_name,
            shop_url => link(self.shop_url.clone()),
            order_id => news.order_id.as_str(),
            order_url => link(format!("{}/orders/{}", self.shop_url, news.order_id)),
            ..facts(&news.facts, language)
        };
        let write = |part| self.part(news.notice.kind, language, part, &context);
        Ok(Mail {
            to: contact.email.clone(),
            subject: write("subject.txt")?.trim_end().to_owned(),
            text: write("txt")?,
            html: write("html")?,
            notice: news.notice,
        })
    }

    fn part(
        &self,
        kind: Kind,
        language: Language,
        part: &'static str,
        context: &Value,
    ) -> Result<String, LetterError> {
        self.templates
            .get_template(&format!("{language}/{kind}.{part}"))
            .and_then(|template| template.render(context))
            .map_err(|source| LetterError {
                kind,
                language,
                part,
                source,
            })
    }
}

/// An address that stands in HTML as it is where nothing in it means something there: escaping writes even a slash as
/// an entity, which mail programs read but programs that look for links may not.
fn link(address: String) -> Value {
    if address.contains(['<', '>', '"', '\'', '&']) {
        Value::from(address)
    } else {
        Value::from_safe_string(address)
    }
}

fn facts(facts: &Facts, language: Language) -> Value {
    match facts {
        Facts::OrderConfirmed { lines, total } => context! {
            lines => listed(lines),
            total => written(*total, language),
        },
        Facts::ShipmentDispatched {
            parcel,
            lines,
            carrier,
            tracking_number,
            complete,
        } => context! {
            parcel => parcel,
            lines => listed(lines),
            carrier => carrier,
            tracking_number => tracking_number,
            complete => complete,
        },
        Facts::OrderCancelled { reason, total } => context! {
            reason => reason_name(*reason),
            total => written(*total, language),
        },
        Facts::PaymentRefunded {
            amount,
            refunded_total,
        } => context! {
            amount => written(*amount, language),
            refunded_total => written(*refunded_total, language),
            is_all => amount == refunded_total,
        },
    }
}

fn listed(lines: &[OrderedLine]) -> Vec<Value> {
    let line =
        |line: &OrderedLine| context! { sku => line.sku.as_str(), quantity => line.quantity };
    lines.iter().map(line).collect()
}

/// The reason as the templates name it.
const fn reason_name(reason: CancellationReason) -> &'static str {
    match reason {
        CancellationReason::CustomerRequest => "customer_request",
        CancellationReason::OperatorRequest => "operator_request",
        CancellationReason::OutOfStock => "out_of_stock",
        CancellationReason::PaymentDeclined => "payment_declined",
        CancellationReason::PaymentLapsed => "payment_lapsed",
        CancellationReason::TimedOut => "timed_out",
    }
}
