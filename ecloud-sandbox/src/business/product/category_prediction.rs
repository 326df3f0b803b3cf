//! Guesses at the category of an item, from the words of its title.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Category, category_profiles};
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;

/// How many guesses there are unless more are wanted.
const USUAL_GUESSES: usize = 5;

/// How much a word of the title says: that it is the leaf's name, what stands in it, the name above, or a value of an attribute.
const OF_NAME: u64 = 10;
const OF_KEYWORD: u64 = 8;
const OF_PARENT: u64 = 4;
const OF_VALUE: u64 = 2;

/// What does an operation of this kind.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "predictCategories" => predict,
        _ => return None,
    })
}

#[derive(Deserialize)]
struct CategoryQuestion {
    title: String,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct CategoryPredictions<'a> {
    items: Vec<CategoryPrediction<'a>>,
}

#[derive(Serialize)]
struct CategoryPrediction<'a> {
    category: &'a Category,
    score: u64,
}

/// `predictCategories`
pub(crate) fn predict(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: CategoryQuestion = call.input()?;
    let title = Title::of(&input.title);
    let leaves = call.shop.categories.iter().filter(|category| category.leaf && category.enabled);
    let mut guesses: Vec<(u64, &Category)> =
        leaves.map(|category| (title.speaks_for(category), category)).filter(|(points, _)| *points > 0).collect();
    // Stable: of two that score the same the platform's order decides.
    guesses.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    let all: u64 = guesses.iter().map(|(points, _)| points).sum();
    let prediction =
        |(points, category): (u64, _)| CategoryPrediction { category, score: (points * 100 / all.max(1)).max(1) };
    let wanted = input.limit.unwrap_or(USUAL_GUESSES);
    encode(&CategoryPredictions { items: guesses.into_iter().take(wanted).map(prediction).collect() })
}

/// A title in lower case, whole and by its words.
struct Title {
    text: String,
    words: Vec<String>,
}

impl Title {
    fn of(title: &str) -> Self {
        let text = title.to_lowercase();
        let words = words(&text).map(|word| singular(word).to_owned()).collect();
        Self { text, words }
    }

    /// Whether a word stands in it. Writing without spaces is searched, not split.
    fn has(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        if word.is_ascii() {
            self.words.iter().any(|other| other == singular(&word))
        } else {
            self.text.contains(&word)
        }
    }

    fn speaks_for(&self, category: &Category) -> u64 {
        let count = |text: &str| words(text).filter(|word| self.has(word)).count() as u64;
        let (name, above) = category
            .path
            .split_last()
            .map_or((0, 0), |(own, above)| (count(own), above.iter().map(|name| count(name)).sum::<u64>()));
        let known = category_profiles::keywords(&category.category_id);
        let keywords = known.iter().filter(|word| self.has(word)).count() as u64;
        let values = category_profiles::of(category).of_items().flat_map(|attribute| attribute.values);
        let values: u64 = values.map(|value| count(value)).sum();
        name * OF_NAME + keywords * OF_KEYWORD + above * OF_PARENT + values * OF_VALUE
    }
}

/// The words of a text that can mean something: the shortest ones, such as "no", say nothing of what is sold.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let telling = |word: &&str| word.len() > 2 || !word.is_ascii();
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).filter(telling)
}

/// One or several: the same word.
fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|rest| rest.len() > 1).unwrap_or(word)
}
