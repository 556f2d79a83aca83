//! What a store knows of people, told to those who ask, and forgotten.

mod audit;
mod bytes;
mod doubt;
mod forgotten;
mod guests;
mod kept;
mod letters;
mod logs;
mod races;
mod shop;
mod told;
