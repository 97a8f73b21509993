//! Where the rest of the workspace knows of each context by name.

use anyhow::{Context as _, ensure};

use super::name::Names;

/// A place that gets lines for the new context.
pub(super) struct Joint {
    pub(super) path: &'static str,
    /// What stands there, without the blanks before its first line; the new lines come behind it.
    after: &'static str,
    new: New,
}

/// What is written there.
enum New {
    /// The same as for `catalog`.
    Sibling,
    /// These lines, with the pattern's names in them.
    Lines(&'static [&'static str]),
}

const fn sibling(path: &'static str, after: &'static str) -> Joint {
    let new = New::Sibling;
    Joint { path, after, new }
}

const fn lines(path: &'static str, after: &'static str, new: &'static [&'static str]) -> Joint {
    let new = New::Lines(new);
    Joint { path, after, new }
}

/// How insights is told a queue's name: without the stack's.
macro_rules! told {
    ($queue:literal) => {
        concat!(
            r#"- !Join ["", ["#,
            $queue,
            ", !Select [1, !Split [",
            $queue,
            ", !GetAtt ",
            $queue,
            ".QueueName]]]]"
        )
    };
}

const TEMPLATE: &str = "template.yaml";

/// All of them.
pub(super) const JOINTS: &[Joint] = &[
    sibling("Cargo.toml", r#"catalog = { path = "functions/catalog" }"#),
    sibling("local/Cargo.toml", "catalog.workspace = true"),
    sibling(
        "local/src/contexts.rs",
        r#"("catalog", start(catalog::start)),"#,
    ),
    sibling("local/src/doctor/stack.rs", r#""Catalog","#),
    sibling("local/tests/structure.rs", r#""catalog","#),
    sibling(
        "local/tests/structure.rs",
        r#"("catalog", hears::<catalog::Catalog<MemoryStore>>()),"#,
    ),
    sibling("local/template/tests/deployed.rs", r#""Catalog","#),
    sibling("local/api-reference/Cargo.toml", "catalog.workspace = true"),
    sibling(
        "local/api-reference/src/contexts.rs",
        "Context {\n        name: \"catalog\",\n        description: catalog::Catalog::<MemoryStore>::description,\n    },",
    ),
    // What may move the function's alias to a new version.
    sibling(
        TEMPLATE,
        "- !GetAtt CatalogFunction.Arn\n                  - !Sub ${CatalogFunction.Arn}:live",
    ),
    // Insights shows failed messages wherever they end, and sends them back to where they came from.
    lines(
        TEMPLATE,
        "- !GetAtt InsightsDeadLetters.Arn\n                  - !GetAtt CartsQueue.Arn",
        &["- !GetAtt GuestbooksQueue.Arn"],
    ),
    lines(
        TEMPLATE,
        "- !GetAtt CatalogStreamFailures.Arn\n                  - !GetAtt CustomersStreamFailures.Arn",
        &[
            "- !GetAtt GuestbooksDeadLetters.Arn",
            "- !GetAtt GuestbooksFromOrdersUndelivered.Arn",
            "- !GetAtt GuestbooksStreamFailures.Arn",
        ],
    ),
    lines(
        TEMPLATE,
        told!("CatalogStreamFailures"),
        &[
            told!("GuestbooksDeadLetters"),
            told!("GuestbooksFromOrdersUndelivered"),
            told!("GuestbooksQueue"),
            told!("GuestbooksStreamFailures"),
        ],
    ),
    // The dashboards.
    lines(
        TEMPLATE,
        r#"["AWS/SQS","ApproximateAgeOfOldestMessage","QueueName","${CartsQueue.QueueName}",{"label":"to carts"}],"#,
        &[
            r#"["AWS/SQS","ApproximateAgeOfOldestMessage","QueueName","${GuestbooksQueue.QueueName}",{"label":"to guestbooks"}],"#,
        ],
    ),
    sibling(
        TEMPLATE,
        r#"["AWS/Lambda","IteratorAge","FunctionName","${CatalogFunction}",{"label":"from catalog"}],"#,
    ),
    lines(
        TEMPLATE,
        r#"["AWS/SQS","ApproximateNumberOfMessagesVisible","QueueName","${CatalogStreamFailures.QueueName}",{"label":"catalog: commits"}],"#,
        &[
            r#"["AWS/SQS","ApproximateNumberOfMessagesVisible","QueueName","${GuestbooksDeadLetters.QueueName}",{"label":"guestbooks: messages"}],"#,
            r#"["AWS/SQS","ApproximateNumberOfMessagesVisible","QueueName","${GuestbooksStreamFailures.QueueName}",{"label":"guestbooks: commits"}],"#,
        ],
    ),
    sibling(
        TEMPLATE,
        r#"["AWS/Lambda","Errors","FunctionName","${CatalogFunction}",{"label":"catalog"}],"#,
    ),
    sibling(
        TEMPLATE,
        r#"["AWS/Lambda","Invocations","FunctionName","${CatalogFunction}",{"label":"catalog"}],"#,
    ),
    sibling(
        TEMPLATE,
        r#"["AWS/DynamoDB","ConsumedWriteCapacityUnits","TableName","${CatalogTable}",{"label":"catalog"}],"#,
    ),
    lines(
        TEMPLATE,
        r#"["Noren/${AWS::StackName}","LagFromOrders","service","inventory",{"label":"orders to inventory"}],"#,
        &[
            r#"["Noren/${AWS::StackName}","LagFromOrders","service","guestbooks",{"label":"orders to guestbooks"}],"#,
        ],
    ),
];

impl Joint {
    /// The file's text with the new context in it.
    pub(super) fn join(&self, text: &str, names: &Names) -> anyhow::Result<String> {
        let at = text.lines().scan(0, |begin, line| {
            let found = *begin;
            *begin += line.len() + 1;
            Some((found, line))
        });
        let mut found = at.filter(|(begin, line)| {
            let indent = line.len() - line.trim_start().len();
            text[begin + indent..].starts_with(self.after)
        });
        let (begin, line) = found
            .next()
            .with_context(|| format!("{} has no line {}", self.path, self.after))?;
        ensure!(
            found.next().is_none(),
            "{} has the line {} more than once",
            self.path,
            self.after
        );
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = begin + indent.len() + self.after.len();
        let new = match self.new {
            New::Sibling => names.sibling(self.after),
            New::Lines(lines) => names.replace(&lines.join(&format!("\n{indent}"))),
        };
        ensure!(
            !text.contains(&new),
            "{} knows {} already",
            self.path,
            names.context
        );
        Ok(format!("{}\n{indent}{new}{}", &text[..end], &text[end..]))
    }
}

/// The template with a section more, before its outputs.
pub(super) fn with_section(template: &str, section: &str) -> anyhow::Result<String> {
    let at = template
        .find("\nOutputs:\n")
        .context("template.yaml has no Outputs, before which a section could stand")?;
    let (before, after) = template.split_at(at);
    Ok(format!(
        "{}\n\n{}\n{after}",
        before.trim_end(),
        section.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_more_stands_behind_its_sibling_and_is_as_deep() {
        let names = Names::new("wishlists", None).unwrap();
        let joint = sibling("x.rs", r#""catalog","#);
        let joined = joint
            .join("a(\n    \"catalog\",\n    \"orders\",\n)\n", &names)
            .unwrap();
        assert_eq!(
            joined,
            "a(\n    \"catalog\",\n    \"wishlists\",\n    \"orders\",\n)\n"
        );
        assert!(
            joint
                .join(&joined, &names)
                .unwrap_err()
                .to_string()
                .contains("already")
        );
        assert!(
            joint
                .join("nothing\n", &names)
                .unwrap_err()
                .to_string()
                .contains("x.rs has no line")
        );
    }

    #[test]
    fn several_lines_are_each_as_deep_as_what_they_stand_behind() {
        let names = Names::new("wishlists", None).unwrap();
        let joint = lines("x.yaml", "- Carts", &["- Guestbooks", "- Guestbook"]);
        let joined = joint.join("  - Carts\n  - Orders\n", &names).unwrap();
        assert_eq!(
            joined,
            "  - Carts\n  - Wishlists\n  - Wishlist\n  - Orders\n"
        );
    }

    #[test]
    fn the_section_stands_before_the_outputs() {
        let template = "Resources:\n  A: {}\n\nOutputs:\n  B: {}\n";
        let joined = with_section(template, "  C: {}\n").unwrap();
        assert_eq!(
            joined,
            "Resources:\n  A: {}\n\n  C: {}\n\nOutputs:\n  B: {}\n"
        );
    }
}
