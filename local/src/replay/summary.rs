//! A report as people read it.

use std::fmt::Write as _;

use super::report::Report;

impl Report {
    /// For people.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        self.write(&mut text)
            .expect("writing into a text cannot fail");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self {
            orders_placed,
            orders_confirmed,
            orders_completed,
            orders_cancelled,
            orders_unfinished,
            lines,
            ..
        } = self;
        writeln!(
            text,
            "\nOrders        {orders_placed} placed with {lines} lines, {orders_confirmed} confirmed, {orders_completed} completed, {orders_cancelled} cancelled, {orders_unfinished} unfinished"
        )?;
        if self.orders_resumed + self.orders_refused > 0 {
            writeln!(
                text,
                "              {} were there from an earlier run, {} were refused",
                self.orders_resumed, self.orders_refused
            )?;
        }
        writeln!(
            text,
            "Speed         {} orders/s placed to decided, {} to the end; confirmed after {} ms (half of them), {} ms (99 of 100)",
            self.orders_per_second,
            self.orders_per_second_to_the_end,
            self.confirm_ms_p50,
            self.confirm_ms_p99
        )?;
        writeln!(
            text,
            "Per order     {} write units, {} read units, {} invocations, {} publishes",
            self.write_units_per_order,
            self.read_units_per_order,
            self.invocations_per_order,
            self.publishes_per_order
        )?;
        let triggers = self.invocations_per_order_by_trigger.iter();
        let triggers: Vec<String> = triggers
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        writeln!(
            text,
            "              invocations by trigger: {}",
            triggers.join(", ")
        )?;
        writeln!(
            text,
            "Before        {} products imported, {} SKUs stocked ({} scarce), {} customers with an address",
            self.products_imported,
            self.skus_stocked,
            self.skus_scarce,
            self.customers_with_contact
        )?;
        let acts: Vec<String> = self
            .acts
            .iter()
            .map(|(act, count)| format!("{} {count}", act.replace('_', " ")))
            .collect();
        writeln!(text, "Acts          {}", acts.join(", "))?;
        let skipped = serde_json::to_value(&self.skipped).unwrap_or_default();
        let skipped = skipped.as_object().into_iter().flatten();
        let skipped: Vec<String> = skipped
            .filter(|(_, count)| **count != 0)
            .map(|(what, count)| format!("{} {count}", what.replace('_', " ")))
            .collect();
        let skipped = match skipped.is_empty() {
            true => "nothing".to_owned(),
            false => skipped.join(", "),
        };
        writeln!(text, "Adjusted      {skipped}")?;
        let stages: Vec<String> = self
            .stages
            .iter()
            .map(|time| format!("{} {:.1} s", time.stage, time.seconds))
            .collect();
        writeln!(text, "Time          {}", stages.join(", "))?;
        writeln!(
            text,
            "Invariants    {} checks, {} broken",
            self.invariants_checked, self.invariants_broken
        )?;
        for rule in &self.rules {
            let verdict = match (rule.checked, rule.broken) {
                (0, _) => "not applicable".to_owned(),
                (checked, 0) => format!("{checked} held"),
                (checked, broken) => format!("{broken} of {checked} BROKEN"),
            };
            writeln!(text, "  {:54} {verdict}", rule.rule)?;
        }
        for violation in &self.first_violations {
            writeln!(text, "  broken: {violation}")?;
        }
        writeln!(
            text,
            "Dead letters  {} {:?}",
            self.messages_in_dead_letter_queues, self.dead_letters_by_queue
        )?;
        if self.mishaps > 0 {
            writeln!(text, "Mishaps       {}", self.mishaps)?;
        }
        for mishap in &self.first_mishaps {
            writeln!(text, "  {mishap}")?;
        }
        if let Some(stillness) = &self.still_under_way {
            writeln!(text, "Not quiet     {stillness:?}")?;
        }
        Ok(())
    }
}
