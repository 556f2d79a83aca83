//! What AWS promises between the services, told as stories of a small shop.

mod delivered;
mod queued;
mod shop;
mod streamed;
