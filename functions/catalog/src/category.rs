//! What a category is called in each language. Its name in a product's data stays what it is, and is what products are
//! listed by.
//!
//! Pure.

use decider::Aggregate;
use serde::{Deserialize, Serialize};

use crate::content::{
    ContentProblem, MAX_CATEGORY_CHARACTERS, MAX_TITLE_CHARACTERS, Texts, check_text, check_texts,
};

/// A category's titles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// The name that products say.
    #[serde(rename = "c")]
    pub name: String,
    /// What it is called, by language; in none, it is called by its name.
    #[serde(rename = "n")]
    pub title: Texts,
}

/// Gives a category its titles, in place of those it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameCategory(pub Category);

/// A category is called otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryNamed(pub Category);

/// The titles break rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the category's titles break {} rules", .0.len())]
pub struct CategoryRejection(pub Vec<ContentProblem>);

impl Category {
    /// Every rule that is broken, in the order of fields.
    pub fn problems(&self) -> Vec<ContentProblem> {
        let name = check_text(&self.name, MAX_CATEGORY_CHARACTERS).err();
        let name = name.map(|message| ("name".to_owned(), message));
        let titles = check_texts("title", &self.title, MAX_TITLE_CHARACTERS);
        let problem = |(field, message)| ContentProblem {
            field,
            message,
            variant: None,
        };
        name.into_iter().chain(titles).map(problem).collect()
    }
}

impl Aggregate for Category {
    type Command = NameCategory;
    type Event = CategoryNamed;
    type State = Category;
    type Rejection = CategoryRejection;

    fn decide(
        state: Option<&Category>,
        NameCategory(category): &NameCategory,
    ) -> Result<Vec<CategoryNamed>, CategoryRejection> {
        let problems = category.problems();
        if !problems.is_empty() {
            return Err(CategoryRejection(problems));
        }
        Ok(if state == Some(category) {
            Vec::new()
        } else {
            vec![CategoryNamed(category.clone())]
        })
    }

    fn evolve(_: Option<Category>, CategoryNamed(category): &CategoryNamed) -> Category {
        category.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tea(titles: &[(&str, &str)]) -> Category {
        let titles = titles.iter();
        Category {
            name: "Tea".to_owned(),
            title: titles
                .map(|(language, text)| ((*language).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn titles_are_given_once_and_given_anew() {
        let named = |state: Option<&Category>, category: Category| {
            Category::decide(state, &NameCategory(category))
                .unwrap()
                .len()
        };
        let tea_ja = tea(&[("ja", "茶")]);
        assert_eq!(named(None, tea_ja.clone()), 1);
        assert_eq!(named(Some(&tea_ja), tea_ja.clone()), 0);
        assert_eq!(named(Some(&tea_ja), tea(&[("ja", "お茶")])), 1);
        // None at all takes them away.
        assert_eq!(named(Some(&tea_ja), tea(&[])), 1);
    }

    #[test]
    fn broken_rules_are_named_with_their_fields() {
        let nameless = Category {
            name: " ".to_owned(),
            ..tea(&[("ja", "")])
        };
        let refused = Category::decide(None, &NameCategory(nameless)).unwrap_err();
        let fields: Vec<String> = refused.0.into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["name", "title.ja"]);
        let odd = Category::decide(None, &NameCategory(tea(&[("j", "茶")]))).unwrap_err();
        assert_eq!(odd.0[0].field, "title");
    }
}
