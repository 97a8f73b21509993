//! Whether any of a stack's alarms rings.

use super::finding::{Finding, note, well, wrong};
use crate::alarms::Alarm;

/// What was found of them, by logical id.
pub(super) fn of_alarms(alarms: &[(String, Alarm)]) -> Vec<Finding> {
    if alarms.is_empty() {
        let words = "there is none: the stack was deployed with Alarms=off, or is another";
        return vec![note("alarms", words)];
    }
    let ringing = alarms
        .iter()
        .filter(|(_, alarm)| alarm.state_value == "ALARM");
    let mut findings: Vec<Finding> = ringing
        .map(|(logical_id, alarm)| {
            let about = alarm
                .alarm_description
                .as_deref()
                .unwrap_or_default()
                .trim();
            let reason = alarm.state_reason.as_deref().unwrap_or_default();
            wrong(logical_id, format!("it rings. {about} {reason}").trim_end())
        })
        .collect();
    if findings.is_empty() {
        findings.push(well(
            "alarms",
            format!("{}, none of which rings", alarms.len()),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    fn alarm(logical_id: &str, state: &str) -> (String, Alarm) {
        let alarm = Alarm {
            state_value: state.to_owned(),
            alarm_description: Some("Commits are announced late.".to_owned()),
            ..Alarm::default()
        };
        (logical_id.to_owned(), alarm)
    }

    #[test]
    fn an_alarm_that_rings_is_wrong_and_says_what_it_is_about() {
        let quiet = [
            alarm("AnnouncedLateAlarm", "OK"),
            alarm("OrdersErrorsAlarm", "INSUFFICIENT_DATA"),
        ];
        assert_eq!(
            of_alarms(&quiet),
            [well("alarms", "2, none of which rings")]
        );
        let findings = of_alarms(&[
            alarm("AnnouncedLateAlarm", "ALARM"),
            alarm("OtherAlarm", "OK"),
        ]);
        assert_eq!(
            findings,
            [wrong(
                "AnnouncedLateAlarm",
                "it rings. Commits are announced late."
            )]
        );
        assert_eq!(of_alarms(&[])[0].verdict, Verdict::Note);
    }
}
