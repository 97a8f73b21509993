//! The parameters of a payment intent: what may be given, and what goes together. The verbs are in [`super::intents`].

use crate::form::Params;
use crate::intent::{CaptureMethod, Confirmation, Intent, Method, Status};
use crate::refusal::Refusal;
use crate::{cards, metadata};

/// Limits of a convenience store payment (<https://docs.stripe.com/payments/konbini>).
const KONBINI_AMOUNTS_JPY: std::ops::RangeInclusive<i64> = 120..=300_000;
pub(crate) const KONBINI_DEFAULT_DAYS: i64 = 3;
const KONBINI_MAXIMUM_DAYS: i64 = 60;

const CAPTURE_METHODS: &[(&str, CaptureMethod)] = &[
    ("automatic", CaptureMethod::Automatic),
    ("automatic_async", CaptureMethod::AutomaticAsync),
    ("manual", CaptureMethod::Manual),
];

pub(crate) fn read_confirmation(params: &mut Params) -> Result<Confirmation, Refusal> {
    params.flag("use_stripe_sdk")?;
    Ok(Confirmation {
        off_session: params.flag("off_session")?.unwrap_or(false),
        error_on_requires_action: params.flag("error_on_requires_action")?.unwrap_or(false),
    })
}

pub(crate) fn read_automatic_methods(
    intent: &mut Intent,
    params: &mut Params,
) -> Result<(), Refusal> {
    let Some(mut automatic) = params.nested("automatic_payment_methods")? else {
        return Ok(());
    };
    let enabled = automatic
        .flag("enabled")?
        .ok_or_else(|| Refusal::missing("automatic_payment_methods[enabled]"))?;
    automatic.choice("allow_redirects", &[("always", ()), ("never", ())])?;
    automatic.finish()?;
    if enabled {
        intent.method_types = vec!["card".to_owned()];
    }
    Ok(())
}

/// The parameters that creating, updating and confirming share.
pub(crate) fn read_common(intent: &mut Intent, params: &mut Params) -> Result<(), Refusal> {
    if let Some(capture_method) = params.choice("capture_method", CAPTURE_METHODS)? {
        intent.capture_method = capture_method;
    }
    if let Some(description) = params.text("description")? {
        intent.description = Some(description);
    }
    if let Some(receipt_email) = params.text("receipt_email")? {
        intent.receipt_email = Some(receipt_email);
    }
    if let Some(return_url) = params.text("return_url")? {
        intent.return_url = Some(return_url);
    }
    let types = params.list("payment_method_types")?;
    if let Some(unknown) = types
        .iter()
        .find(|kind| !matches!(kind.as_str(), "card" | "konbini"))
    {
        return Err(Refusal::parameter(
            "payment_intent_invalid_parameter",
            "payment_method_types",
            format!(
                "The payment method type \"{unknown}\" is not offered here; card and konbini are."
            ),
        ));
    }
    if !types.is_empty() {
        intent.method_types = types;
    }
    if let Some(mut options) = params.nested("payment_method_options")? {
        read_method_options(intent, &mut options)?;
        options.finish()?;
    }
    if let Some(method) = read_method(params)? {
        intent.method = Some(method);
    }
    metadata::merge(&mut intent.metadata, params)
}

fn read_method_options(intent: &mut Intent, options: &mut Params) -> Result<(), Refusal> {
    if let Some(mut card) = options.nested("card")? {
        card.choice("request_three_d_secure", &[("automatic", ())])?;
        card.finish()?;
    }
    if let Some(mut konbini) = options.nested("konbini")? {
        if let Some(days) = konbini.integer("expires_after_days")? {
            if !(0..=KONBINI_MAXIMUM_DAYS).contains(&days) {
                return Err(Refusal::parameter(
                    "payment_intent_invalid_parameter",
                    "payment_method_options[konbini][expires_after_days]",
                    format!("It must be from 0 to {KONBINI_MAXIMUM_DAYS} days."),
                ));
            }
            intent.konbini_days = days;
        }
        konbini.text("product_description")?;
        konbini.text("confirmation_number")?;
        konbini.finish()?;
    }
    Ok(())
}

fn read_method(params: &mut Params) -> Result<Option<Method>, Refusal> {
    if let Some(id) = params.text("payment_method")? {
        return match cards::find(&id) {
            Some(_) => Ok(Some(Method::Card(id))),
            None => Err(crate::intent::no_such_method(&id)),
        };
    }
    let Some(mut data) = params.nested("payment_method_data")? else {
        return Ok(None);
    };
    let kind = data
        .text("type")?
        .ok_or_else(|| Refusal::missing("payment_method_data[type]"))?;
    if kind != "konbini" {
        return Err(Refusal::parameter(
            "payment_intent_invalid_parameter",
            "payment_method_data[type]",
            "Only konbini can be given as data here; for cards pass a test payment method such as pm_card_visa.",
        ));
    }
    if let Some(mut billing) = data.nested("billing_details")? {
        for name in ["email", "name", "phone"] {
            billing.text(name)?;
        }
        billing.finish()?;
    }
    data.nested("konbini")?;
    data.finish()?;
    Ok(Some(Method::Konbini))
}

/// Checks that the payment method, the types, the currency and the capture go together.
pub(crate) fn settle_method(intent: &mut Intent) -> Result<(), Refusal> {
    if intent.method_types.is_empty() {
        intent.method_types = vec!["card".to_owned()];
    }
    let takes_cash = intent.method_types.iter().any(|kind| kind == "konbini");
    if takes_cash && intent.capture_method == CaptureMethod::Manual {
        return Err(Refusal::parameter(
            "payment_intent_invalid_parameter",
            "capture_method",
            "The payment method type konbini does not support capture_method=manual.",
        ));
    }
    if takes_cash && intent.currency != "jpy" {
        return Err(Refusal::parameter(
            "payment_intent_invalid_parameter",
            "currency",
            "The payment method type konbini supports the currency jpy only.",
        ));
    }
    if let Some(method) = &intent.method {
        if !intent.method_types.iter().any(|kind| kind == method.kind()) {
            return Err(Refusal::parameter(
                "payment_intent_incompatible_payment_method",
                "payment_method",
                format!(
                    "The PaymentMethod provided ({}) is not allowed for this PaymentIntent. Please attach a PaymentMethod \
                     of one of the following types: {}.",
                    method.kind(),
                    intent.method_types.join(", ")
                ),
            ));
        }
        if *method == Method::Konbini && !KONBINI_AMOUNTS_JPY.contains(&intent.amount_minor) {
            let too_small = intent.amount_minor < *KONBINI_AMOUNTS_JPY.start();
            return Err(Refusal::parameter(
                if too_small {
                    "amount_too_small"
                } else {
                    "amount_too_large"
                },
                "amount",
                format!(
                    "A konbini payment must be from ¥{} to ¥{}.",
                    KONBINI_AMOUNTS_JPY.start(),
                    KONBINI_AMOUNTS_JPY.end()
                ),
            ));
        }
        if intent.status == Status::RequiresPaymentMethod {
            intent.status = Status::RequiresConfirmation;
        }
    }
    Ok(())
}
