//! The labels a source gives a customer.
//!
//! Told in two ways: whole lists, and single labels added or taken away. Each
//! label is as whoever spoke of it last has it, a list speaking of every
//! label there is. News in any order, any number of times, ends the same.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;

/// Most labels of a customer, as at Shopify; beyond that the newest.
pub const MOST_TAGS: usize = 250;
/// Longest label in characters, as at Shopify; a longer one is left out.
pub const MOST_TAG_CHARS: usize = 255;
/// Most that is remembered of single labels, those taken away among them.
const MOST_MARKS: usize = 2 * MOST_TAGS;
/// Most text of a list, and of single labels: an item has its limit too.
const MOST_BYTES: usize = MOST_TAGS * (MOST_TAG_CHARS + 1);

/// A customer's labels. Prints none of them: they may describe a person.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tags {
    /// The newest whole list.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    list: Option<(Stamp, Vec<String>)>,
    /// What was said of single labels since.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    marks: BTreeMap<String, Mark>,
    /// The newest mark there was no room for: nothing older is heard either.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    forgotten: Option<Stamp>,
}

/// What was said of one label last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Mark {
    #[serde(rename = "t")]
    stamp: Stamp,
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    present: bool,
}

/// News of a customer's labels.
#[derive(Clone, PartialEq, Eq)]
pub enum TagNews {
    /// These are all.
    All(Vec<String>),
    /// These were added.
    Added(Vec<String>),
    /// These were taken away.
    Removed(Vec<String>),
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tags(…)")
    }
}

impl fmt::Debug for TagNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagNews(…)")
    }
}

impl Tags {
    /// Whether nothing was ever said of any label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_none() && self.marks.is_empty()
    }

    /// The labels, those said of last first, and then those of the list in
    /// its order; at most [`MOST_TAGS`].
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut marked: Vec<_> = self.marks.iter().filter(|(_, mark)| mark.present).collect();
        marked.sort_by_key(|(_, mark)| std::cmp::Reverse(**mark));
        let listed = self.list.iter().flat_map(|told| &told.1);
        let listed = listed.filter(|tag| !self.marks.contains_key(*tag));
        let marked = marked.into_iter().map(|(tag, _)| tag);
        marked.chain(listed).map(String::as_str).take(MOST_TAGS)
    }

    /// Takes news in, whatever of it is newer than what is known.
    pub fn hear(&mut self, stamp: Stamp, news: &TagNews) {
        match news {
            TagNews::All(tags) => self.replace(stamp, tags),
            TagNews::Added(tags) => self.mark(stamp, true, tags),
            TagNews::Removed(tags) => self.mark(stamp, false, tags),
        }
    }

    fn replace(&mut self, stamp: Stamp, tags: &[String]) {
        if !stamp.replaces(self.list_stamp()) {
            return;
        }
        let mut room = MOST_BYTES;
        let mut list: Vec<String> = Vec::new();
        for tag in tags.iter().filter(|tag| is_tag(tag)) {
            let fits = list.len() < MOST_TAGS && tag.len() <= room;
            if fits && !list.contains(tag) {
                room -= tag.len();
                list.push(tag.clone());
            }
        }
        self.list = Some((stamp, list));
        self.marks.retain(|_, mark| mark.stamp > stamp);
        self.forgotten = self.forgotten.filter(|forgotten| *forgotten > stamp);
    }

    fn mark(&mut self, stamp: Stamp, present: bool, tags: &[String]) {
        let since = self.list_stamp().max(self.forgotten.as_ref());
        if !stamp.replaces(since) {
            return;
        }
        let news = Mark { stamp, present };
        for tag in tags.iter().filter(|tag| is_tag(tag)) {
            let known = self.marks.entry(tag.clone()).or_insert(news);
            *known = (*known).max(news);
        }
        self.forget_the_oldest();
    }

    /// Keeps the newest marks that there is room for.
    fn forget_the_oldest(&mut self) {
        let mut bytes: usize = self.marks.keys().map(String::len).sum();
        while self.marks.len() > MOST_MARKS || bytes > MOST_BYTES {
            let age = |(tag, mark): (&String, &Mark)| (*mark, tag.clone());
            let Some((mark, tag)) = self.marks.iter().map(age).min() else {
                return;
            };
            self.marks.remove(&tag);
            bytes -= tag.len();
            self.forgotten = self.forgotten.max(Some(mark.stamp));
        }
    }

    fn list_stamp(&self) -> Option<&Stamp> {
        self.list.as_ref().map(|told| &told.0)
    }
}

fn is_tag(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MOST_TAG_CHARS
}
