//! Costs as people read them.

use std::fmt::Write as _;

use super::Cost;
use super::bill::Line;

pub(super) fn text(cost: &Cost) -> String {
    let mut text = String::new();
    write(cost, &mut text).expect("writing into a text cannot fail");
    text
}

fn write(cost: &Cost, text: &mut String) -> std::fmt::Result {
    let (wish, order) = (&cost.wish, &cost.per_order);
    writeln!(
        text,
        "{} orders of {} lines were run, {} handled at a time. Prices of {}, {}.\n",
        wish.orders, wish.lines, wish.batch, cost.region, cost.prices_as_of
    )?;
    writeln!(
        text,
        "1,000 orders        {:>9.4} USD",
        cost.usd_per_1000_orders
    )?;
    writeln!(
        text,
        "  and their mails   {:>9.4} USD",
        cost.usd_mails_per_1000_orders
    )?;
    writeln!(
        text,
        "A month, idle       {:>9.4} USD   ({:.4} after what is free each month)",
        cost.usd_idle_per_month, cost.usd_idle_per_month_after_free
    )?;
    writeln!(
        text,
        "A month of {:<8} {:>9.4} USD   ({:.4} after what is free each month)\n",
        format!("{}k", cost.orders_per_month as f64 / 1000.0),
        cost.usd_per_month,
        cost.usd_per_month_after_free
    )?;
    writeln!(
        text,
        "An order            {} write units, {} read units, {} invocations, {} publishes,",
        short(order.all.write_units),
        short(order.all.read_units),
        short(order.all.invocations),
        short(order.publishes)
    )?;
    writeln!(
        text,
        "                    {} events into {} messages, {} HTTP requests, {} mails, {:.4} GB-seconds (assumed)",
        short(order.events),
        short(order.deliveries),
        short(order.http_requests),
        short(order.mails),
        order.gb_seconds
    )?;
    let by_context = cost.per_order_by_context.iter();
    let written: Vec<String> = by_context
        .filter(|(_, own)| own.write_units > 0.0)
        .map(|(context, own)| format!("{context} {}", short(own.write_units)))
        .collect();
    writeln!(
        text,
        "                    write units by context: {}",
        written.join(", ")
    )?;
    writeln!(text, "\nDearest of 1,000 orders")?;
    dearest(&cost.dearest, cost.usd_per_1000_orders, text)?;
    writeln!(text, "\nDearest of an idle month")?;
    dearest(&cost.dearest_idle, cost.usd_idle_per_month, text)?;
    writeln!(text)?;
    for note in &cost.notes {
        writeln!(text, "{note}")?;
    }
    if !cost.prices_unverified.is_empty() {
        let names = cost.prices_unverified.join(", ");
        writeln!(
            text,
            "Prices that could not be compared with a source: {names}."
        )?;
    }
    Ok(())
}

fn dearest(lines: &[Line], total: f64, text: &mut String) -> std::fmt::Result {
    for line in lines {
        let unit = serde_json::to_value(line.unit).unwrap_or_default();
        let unit = unit.as_str().unwrap_or_default().replace('_', " ");
        writeln!(
            text,
            "  {:34} {:>12} {:18} {:.5} USD  {:>3.0} %",
            line.what,
            short(line.amount),
            unit,
            line.usd,
            100.0 * line.usd / total
        )?;
    }
    Ok(())
}

/// To two places, without noughts at the end.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
