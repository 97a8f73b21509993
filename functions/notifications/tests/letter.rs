//! Every letter in every language: what it must say, and what it must not let through.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contracts::orders::{CancellationReason, OrderedLine};
use identifiers::{CustomerId, OrderId, Sku};
use money::{Currency, Money};
use notifications::Config;
use notifications::contact::{Contact, Email, Language};
use notifications::letter::Letters;
use notifications::mail::Mail;
use notifications::news::{Facts, News};
use notifications::notice::{Kind, Notice};

const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";

fn write(notice: Notice, facts: Facts, language: Language) -> Mail {
    let letters = Letters::new(&Config {
        mail_from: "shop@example.com".into(),
        shop_name: "のれん <商店> & Co".into(),
        shop_url: "https://shop.example.com".into(),
    });
    let news = News {
        order_id: OrderId::new(ORDER).unwrap(),
        customer_id: CustomerId::new("c-1").unwrap(),
        notice,
        facts,
    };
    let contact = Contact {
        email: Email::new("taro@example.com").unwrap(),
        language,
    };
    let mail = letters.write(&news, &contact).unwrap();
    let url = format!("https://shop.example.com/orders/{ORDER}");
    assert!(
        mail.text.contains(&url) && mail.html.contains(&format!("href=\"{url}\"")),
        "{mail:?}"
    );
    assert!(mail.subject.contains(ORDER) && mail.subject.contains("のれん <商店> & Co"));
    assert!(mail.text.contains("のれん <商店> & Co"));
    assert!(mail.html.contains("のれん &lt;商店&gt; &amp; Co") && !mail.html.contains("<商店>"));
    assert!(
        mail.html
            .starts_with(&format!("<!doctype html>\n<html lang=\"{language}\">"))
    );
    assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
    for part in [&mail.subject, &mail.text, &mail.html] {
        assert!(
            !part.contains("{{") && !part.contains("{%") && !part.contains("taro"),
            "{part}"
        );
    }
    mail
}

fn both(mail: &Mail, wanted: &str) -> bool {
    mail.text.contains(wanted) && mail.html.contains(wanted)
}

fn lines() -> Vec<OrderedLine> {
    [("SENCHA-100G", 2), ("KYUSU-360", 1)]
        .map(|(sku, quantity)| OrderedLine {
            sku: Sku::new(sku).unwrap(),
            quantity,
        })
        .to_vec()
}

#[test]
fn a_confirmation_says_what_was_ordered_and_what_it_costs() {
    let facts = |total| Facts::OrderConfirmed {
        lines: lines(),
        total,
    };
    let notice = Notice::new(Kind::OrderConfirmed, 1);
    let yen = Money::new(1_980, Currency::JPY);
    let dollars = Money::new(1_980, Currency::USD);
    for (language, money, amount, line, subject) in [
        (
            Language::Ja,
            yen,
            "1,980円",
            "SENCHA-100G × 2",
            "ご注文が確定しました",
        ),
        (
            Language::Ja,
            dollars,
            "$19.80",
            "KYUSU-360 × 1",
            "ご注文が確定しました",
        ),
        (
            Language::En,
            yen,
            "¥1,980",
            "SENCHA-100G",
            "Your order is confirmed",
        ),
        (
            Language::En,
            dollars,
            "$19.80",
            "KYUSU-360",
            "Your order is confirmed",
        ),
    ] {
        let mail = write(notice, facts(money), language);
        assert!(both(&mail, amount) && both(&mail, line), "{mail:?}");
        assert!(mail.subject.contains(subject), "{}", mail.subject);
    }
}

#[test]
fn a_dispatch_says_which_parcel_and_escapes_what_the_carrier_is_called() {
    let facts = |parcel, complete| Facts::ShipmentDispatched {
        parcel,
        lines: lines(),
        carrier: "<script>alert(1)</script>".into(),
        tracking_number: "1234-5678".into(),
        complete,
    };
    for (parcel, complete, ja, en) in [
        (
            1,
            true,
            "ご注文の商品を発送しました。",
            "Your order is on its way.",
        ),
        (
            1,
            false,
            "一部（1個口目）を発送しました",
            "Part of your order (parcel 1)",
        ),
        (
            3,
            true,
            "残りの分（3個口目）を発送しました",
            "The rest of your order (parcel 3)",
        ),
    ] {
        for (language, wanted) in [(Language::Ja, ja), (Language::En, en)] {
            let mail = write(
                Notice::new(Kind::ShipmentDispatched, parcel),
                facts(parcel, complete),
                language,
            );
            assert!(both(&mail, wanted) && both(&mail, "1234-5678"), "{mail:?}");
            assert!(mail.text.contains("<script>") && !mail.html.contains("<script>"));
        }
    }
}

#[test]
fn a_cancellation_says_why() {
    use CancellationReason::{
        CustomerRequest, OperatorRequest, OutOfStock, PaymentDeclined, PaymentLapsed, TimedOut,
    };
    let reasons = [
        (CustomerRequest, "お客様のお申し出により", "As you asked"),
        (
            OperatorRequest,
            "当店の都合により",
            "we had to cancel your order",
        ),
        (OutOfStock, "在庫切れがあったため", "out of stock"),
        (
            PaymentDeclined,
            "お支払いのお手続きができなかったため",
            "was declined",
        ),
        (
            PaymentLapsed,
            "期限までにお支払いの",
            "not completed in time",
        ),
        (
            TimedOut,
            "手続きを期限内に完了できなかったため",
            "could not complete your order in time",
        ),
    ];
    for (reason, ja, en) in reasons {
        for (language, wanted, amount) in
            [(Language::Ja, ja, "6,320円"), (Language::En, en, "¥6,320")]
        {
            let facts = Facts::OrderCancelled {
                reason,
                total: Money::new(6_320, Currency::JPY),
            };
            let mail = write(Notice::new(Kind::OrderCancelled, 1), facts, language);
            assert!(both(&mail, wanted) && both(&mail, amount), "{mail:?}");
        }
    }
}

#[test]
fn a_refund_says_how_much_and_the_sum_where_there_were_several() {
    for (amount, total, has_sum) in [(3_500, 3_500, false), (500, 4_000, true)] {
        for (language, part, sum) in [
            (
                Language::Ja,
                if has_sum { "500円" } else { "3,500円" },
                "累計：4,000円",
            ),
            (
                Language::En,
                if has_sum { "¥500" } else { "¥3,500" },
                "in all: ¥4,000",
            ),
        ] {
            let facts = Facts::PaymentRefunded {
                amount: Money::new(amount, Currency::JPY),
                refunded_total: Money::new(total, Currency::JPY),
            };
            let mail = write(Notice::new(Kind::PaymentRefunded, 1), facts, language);
            assert!(both(&mail, part), "{mail:?}");
            assert_eq!(both(&mail, sum), has_sum, "{mail:?}");
        }
    }
}

#[test]
fn an_address_of_the_shop_that_means_something_in_html_is_escaped() {
    let letters = Letters::new(&Config {
        mail_from: "shop@example.com".into(),
        shop_name: "Noren".into(),
        shop_url: "https://shop.example.com/\"><b>".into(),
    });
    let news = News {
        order_id: OrderId::new(ORDER).unwrap(),
        customer_id: CustomerId::new("c-1").unwrap(),
        notice: Notice::new(Kind::OrderCancelled, 1),
        facts: Facts::OrderCancelled {
            reason: CancellationReason::TimedOut,
            total: Money::new(1, Currency::USD),
        },
    };
    let contact = Contact {
        email: Email::new("taro@example.com").unwrap(),
        language: Language::En,
    };
    assert!(!letters.write(&news, &contact).unwrap().html.contains("<b>"));
}
